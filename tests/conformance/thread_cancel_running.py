# THR-02: cancelling the await of a function that runs ends it promptly; the thread runs on, unobserved.
import asyncio
import threading
from scenario import error, log, run


async def main():
    started, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def block():
        started.set()
        gate.wait()
        ended.set()
        return "nobody asks"

    task = asyncio.create_task(asyncio.to_thread(block))
    while not started.is_set():
        await asyncio.sleep(0)
    log("cancel ", task.cancel("enough"))
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e))
    log("the function has ended: ", ended.is_set())
    gate.set()
    ended.wait()
    log("now it has: ", ended.is_set())
    log("cancelled ", task.cancelled())


run(main)

# THR-02, EXE-02: a call that waits for a thread is withdrawn when it is cancelled.
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(max_workers=1)
    gate = threading.Event()
    calls = []
    blocker = loop.run_in_executor(pool, gate.wait)
    first = loop.run_in_executor(pool, calls.append, "first")
    second = loop.run_in_executor(pool, calls.append, "second")
    log("cancel ", first.cancel())
    try:
        await first
    except asyncio.CancelledError as e:
        log(error(e))
    gate.set()
    await blocker
    await second
    log(len(calls), " call: ", calls[0])
    log("cancel ", second.cancel())
    pool.shutdown()


run(main)

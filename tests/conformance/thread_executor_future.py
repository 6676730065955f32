# EXE-01: run_in_executor starts at once and gives a future, which is done in a later turn.
import asyncio
import threading
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    ran, gate = threading.Event(), threading.Event()

    def work(n):
        ran.set()
        gate.wait()
        return n + 1

    future = loop.run_in_executor(None, work, 1)
    ran.wait()
    log("it runs, done ", future.done(), ", cancelled ", future.cancelled())
    future.add_done_callback(lambda f: log("callback, result ", f.result()))
    gate.set()
    log("result ", await future)
    log("done ", future.done())
    await asyncio.sleep(0)

    def fails():
        raise RuntimeError("broken")

    future = loop.run_in_executor(None, fails)
    try:
        await future
    except RuntimeError as e:
        log(error(e))
    log("the same from the future: ", error(future.exception()))


run(main)

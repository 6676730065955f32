# EXE-04: after its shutdown the default executor is refused; what ran is waited for.
import asyncio
import threading
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    gate = threading.Event()
    ended = []

    def work():
        gate.wait()
        ended.append(1)

    future = loop.run_in_executor(None, work)
    shutdown = asyncio.create_task(loop.shutdown_default_executor())
    await asyncio.sleep(0)
    log("shut down: ", shutdown.done())
    gate.set()
    await shutdown
    log("ended: ", len(ended))
    await future
    try:
        loop.run_in_executor(None, work)
    except RuntimeError as e:
        log(error(e))
    try:
        await asyncio.to_thread(work)
    except RuntimeError as e:
        log(error(e))
    await loop.shutdown_default_executor()
    log("once more is nothing")


run(main)

# THR-05: a thread that waited long enough cancels.
import asyncio
import concurrent.futures
from scenario import log, run


async def main():
    loop = asyncio.get_running_loop()

    async def waits():
        await asyncio.sleep(3600)

    def thread():
        future = asyncio.run_coroutine_threadsafe(waits(), loop)
        done = concurrent.futures.wait([future], timeout=0.001).done
        log("done in time: ", len(done) == 1)
        log("cancel ", future.cancel())
        done = concurrent.futures.wait([future], timeout=10).done
        log("done now: ", len(done) == 1)

    await asyncio.to_thread(thread)


run(main)

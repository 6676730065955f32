# THR-04: a task that ends cancelled on the loop cancels the thread's future.
import asyncio
import concurrent.futures
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()

    async def cancels_itself():
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    def thread():
        future = asyncio.run_coroutine_threadsafe(cancels_itself(), loop)
        try:
            future.result()
        except concurrent.futures.CancelledError as e:
            log("the thread: ", name(e))
        log("cancelled ", future.cancelled())

    await asyncio.to_thread(thread)


run(main)

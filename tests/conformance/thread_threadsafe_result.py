# THR-03, THR-04: run_coroutine_threadsafe gives the value, or the exception, to another thread.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()

    async def adds(a, b):
        log("adds on the loop: ", asyncio.get_running_loop() is loop)
        await turns(2)
        return a + b

    async def fails():
        await turns(1)
        raise ValueError("on the loop")

    def thread():
        future = asyncio.run_coroutine_threadsafe(adds(1, 2), loop)
        log("result ", future.result())
        log("done ", future.done(), ", cancelled ", future.cancelled())
        log("cancel ", future.cancel())
        try:
            asyncio.run_coroutine_threadsafe(fails(), loop).result()
        except ValueError as e:
            log(error(e))

    await asyncio.to_thread(thread)


run(main)

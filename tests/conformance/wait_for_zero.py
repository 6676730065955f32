# WFR-06: with no time at all only what is done is returned; a coroutine does not start.
import asyncio
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()

    async def starts():
        log("never")

    async def cleans():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            log("cleaned up")
            raise

    for timeout in 0, -1:
        future = loop.create_future()
        future.set_result("done before")
        log(await asyncio.wait_for(future, timeout))
        future = loop.create_future()
        try:
            await asyncio.wait_for(future, timeout)
        except TimeoutError as e:
            log(name(e), ", future cancelled ", future.cancelled())
        try:
            await asyncio.wait_for(starts(), timeout)
        except TimeoutError as e:
            log(name(e))
        task = asyncio.create_task(cleans())
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(task, timeout)
        except TimeoutError as e:
            log(name(e), ", task cancelled ", task.cancelled())
    log("cancelling ", asyncio.current_task().cancelling())


run(main)

# TMO-06: what had been requested before the entry does not count; a timeout in the clean-up of a cancelled task works.
import asyncio
from scenario import log, name, run


async def main():
    async def work():
        task = asyncio.current_task()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            log("cancelled, cancelling ", task.cancelling())
        try:
            async with asyncio.timeout(0):
                await asyncio.sleep(3600)
        except BaseException as e:
            log(name(e), ", cancelling ", task.cancelling())
        async with asyncio.timeout(3600):
            await asyncio.sleep(0)
        log("ends, cancelling ", task.cancelling())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await task
    log("cancelled ", task.cancelled())


run(main)

# WFR-01, WFR-02: wait_for gives the value or the error of what it waits for, in the calling task.
import asyncio
from scenario import error, log, run


async def main():
    async def returns():
        log("same task ", asyncio.current_task() is me)
        await asyncio.sleep(0)
        return 5

    async def fails():
        await asyncio.sleep(0)
        raise ValueError("inner")

    me = asyncio.current_task()
    for timeout in 3600, None:
        log(await asyncio.wait_for(returns(), timeout))
        try:
            await asyncio.wait_for(fails(), timeout)
        except ValueError as e:
            log(error(e))
    task = asyncio.create_task(asyncio.sleep(0, "from a task"))
    log(await asyncio.wait_for(task, 3600))
    log(await asyncio.wait_for(task, 3600))


run(main)

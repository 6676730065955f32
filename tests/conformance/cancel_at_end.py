# CAN-06: a task that is cancelled while it runs, and then ends without another await, ends cancelled; its value is lost.
import asyncio
from scenario import error, log, run


async def main():
    async def returns():
        asyncio.current_task().cancel("by myself")
        log("returns")
        return 42

    async def raises():
        asyncio.current_task().cancel()
        log("raises")
        raise ValueError("real")

    for work in returns, raises:
        task = asyncio.create_task(work())
        try:
            log(await task)
        except BaseException as e:
            log(error(e), ", cancelled ", task.cancelled(), ", cancelling ", task.cancelling())


run(main)

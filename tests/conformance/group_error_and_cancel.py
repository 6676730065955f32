# TGR-14: a group raised while a cancellation is pending leaves the count as it is, and the next await is interrupted.
import asyncio
from scenario import error, log, name, run


async def main():
    async def fails():
        raise ValueError("child")

    async def work():
        task = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(fails())
                task.cancel()
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    log("body, cancelling ", task.cancelling())
                    raise
        except ExceptionGroup as e:
            log(error(e), ", cancelling ", task.cancelling())
        try:
            await asyncio.sleep(0)
            log("never")
        except asyncio.CancelledError as e:
            log(name(e), ", cancelling ", task.cancelling())
        await asyncio.sleep(0)
        log("once only")

    await asyncio.create_task(work())


run(main)

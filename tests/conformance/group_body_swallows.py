# TGR-17: a body that swallows the group's cancellation goes on; the group is raised at its end, the count restored.
import asyncio
from scenario import error, log, name, run


async def main():
    async def fails():
        raise ValueError("child")

    async def never():
        log("never")

    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails())
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as e:
                log("swallows ", name(e))
            try:
                tg.create_task(never())
            except RuntimeError as e:
                log(name(e))
            await asyncio.sleep(0)
            log("goes on, cancelling ", task.cancelling())
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("not interrupted")


run(main)

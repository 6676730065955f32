# TGR-06, TGR-09, TGR-13: the first failure cancels the siblings and interrupts the body; its own cancellation is undone.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    task = asyncio.current_task()

    async def sibling():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            await turns(2)
            log("sibling ", name(e))
            raise

    async def fails():
        await turns(2)
        log("fails")
        raise ValueError("child")

    # The body is running.
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling())
            tg.create_task(fails())
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as e:
                log("body ", name(e), ", cancelling ", task.cancelling())
                raise
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("not interrupted")

    # The body has ended.
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling())
            tg.create_task(fails())
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("not interrupted")

    # A later child that was not started yet never runs.
    async def never():
        log("never")

    async def at_once():
        raise ValueError("at once")

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(at_once())
            await asyncio.sleep(0)
            unstarted = tg.create_task(never())
    except ExceptionGroup as e:
        log(error(e), ", unstarted cancelled ", unstarted.cancelled())


run(main)

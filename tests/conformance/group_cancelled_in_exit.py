# TGR-12, TGR-14: cancelling the parent while it waits for the children, again and again, never abandons them.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    async def slow(n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            log("child cleans up")
            await turns(n)
            log("child ends")
            raise

    async def fails(n):
        await turns(n)
        raise ValueError("child")

    async def parent(*children):
        try:
            async with asyncio.TaskGroup() as tg:
                for child in children:
                    tg.create_task(child)
        except BaseException as e:
            log("left with ", error(e) if isinstance(e, Exception) else name(e),
                ", cancelling ", asyncio.current_task().cancelling())
            raise

    task = asyncio.create_task(parent(slow(6)))
    await turns(2)
    for i in range(3):
        log("cancel ", i, " ", task.cancel())
        await turns(2)
    try:
        await task
    except asyncio.CancelledError:
        log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling())

    # A cancel while the group drains after a failure reaches the task at its next await.
    async def survives():
        try:
            await parent(slow(6), fails(1))
        except ExceptionGroup:
            log("handled")
        try:
            await asyncio.sleep(0)
            log("never")
        except asyncio.CancelledError as e:
            log("next await: ", name(e), ", cancelling ", asyncio.current_task().cancelling())

    task = asyncio.create_task(survives())
    await turns(6)
    log("cancel ", task.cancel())
    await task


run(main)

# WFR-07, WFR-08: cancelling who waits cancels the inner and waits for it; the cancellation is never swallowed.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def inner():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("inner ", error(e))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            log("inner cleaned up")
            raise

    async def waits(awaitable):
        try:
            log("never ", await asyncio.wait_for(awaitable, 3600))
        except asyncio.CancelledError as e:
            log("waiter ", error(e))
            raise

    task = asyncio.create_task(waits(inner()))
    await asyncio.sleep(0)
    task.cancel("coroutine")
    await turns(2)
    log("done ", task.done())
    await turns(2)
    log("cancelled ", task.cancelled())

    child = asyncio.create_task(inner())
    task = asyncio.create_task(waits(child))
    await turns(2)
    task.cancel("task")
    await turns(4)
    log("cancelled ", child.cancelled(), " ", task.cancelled())

    # The inner has just finished when the cancel arrives: it is delivered, and the result stays in the inner.
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(waits(future))
    await asyncio.sleep(0)
    future.set_result("kept")
    log("cancel ", task.cancel("late"))
    await turns(2)
    log("cancelled ", task.cancelled(), ", future ", future.result())


run(main)

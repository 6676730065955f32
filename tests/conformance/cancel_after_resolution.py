# CAN-07: a cancel between the resolution of a future and the wake-up wins; the value stays in the future.
import asyncio
from scenario import error, log, run, turns


async def main():
    future = asyncio.get_running_loop().create_future()

    async def waiter():
        try:
            log("never ", await future)
        except asyncio.CancelledError as e:
            log("waiter ", error(e))
            raise

    async def child():
        await asyncio.sleep(0)
        return "value of the child"

    async def parent(task):
        try:
            log("never ", await task)
        except asyncio.CancelledError as e:
            log("parent ", error(e), ", child: ", task.result())

    task = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    future.set_result("value")
    log("cancel ", task.cancel("late"))
    try:
        await task
    except asyncio.CancelledError as e:
        log("main ", error(e))
    log("cancelled ", task.cancelled(), ", future: ", future.result())

    inner = asyncio.create_task(child())
    outer = asyncio.create_task(parent(inner))
    await turns(2)
    log("child done ", inner.done())
    log("cancel ", outer.cancel())
    await outer
    log("cancelled ", outer.cancelled(), ", cancelling ", outer.cancelling())


run(main)

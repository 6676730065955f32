# CAN-14, CAN-15: uncancel() takes a request back; at zero it also withdraws one that was not delivered yet.
import asyncio
from scenario import error, log, run


async def main():
    async def work():
        task = asyncio.current_task()
        log("starts with ", task.cancelling())
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            log("caught, cancelling ", task.cancelling(), ", uncancel ", task.uncancel())
        log("uncancel at zero ", task.uncancel())
        task.cancel()
        task.cancel()
        log("cancelling ", task.cancelling(), ", uncancel ", task.uncancel(), ", ", task.uncancel())
        await asyncio.sleep(0)
        log("a withdrawn request does not arrive")
        task.cancel()
        task.cancel("kept")
        log("uncancel ", task.uncancel())
        try:
            await asyncio.sleep(0)
            log("never")
        except asyncio.CancelledError as e:
            log(error(e), ", cancelling ", task.cancelling())
            raise

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as e:
        log("main ", error(e))
    log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling())
    log("uncancel of a finished task ", task.uncancel(), ", still cancelled ", task.cancelled())

    # Before the first step too.
    async def starts():
        log("started after all")

    task = asyncio.create_task(starts())
    task.cancel()
    log("uncancel ", task.uncancel())
    await task

    # A request that has reached the awaited future cannot be withdrawn.
    async def waits():
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            log("arrived, cancelling ", asyncio.current_task().cancelling())

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    log("uncancel ", task.uncancel())
    await task


run(main)

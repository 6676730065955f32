# CAN-18: a future given a CancelledError as its exception is not cancelled, but a task that lets it escape is.
import asyncio
from scenario import error, log, run


async def main():
    future = asyncio.get_running_loop().create_future()

    async def waiter():
        await future

    task = asyncio.create_task(waiter())
    await asyncio.sleep(0)
    future.set_exception(asyncio.CancelledError("as a value"))
    log("future cancelled ", future.cancelled(), ", done ", future.done())
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e))
    log("task cancelled ", task.cancelled(), ", cancelling ", task.cancelling())
    log("exception ", error(future.exception()))
    try:
        future.result()
    except asyncio.CancelledError as e:
        log("result ", error(e))


run(main)

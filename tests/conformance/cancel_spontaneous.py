# TASK-13: a coroutine that raises CancelledError without a request ends cancelled.
import asyncio
from scenario import error, log, run


async def main():
    async def raises():
        await asyncio.sleep(0)
        raise asyncio.CancelledError("out of the blue")

    task = asyncio.create_task(raises())
    task.add_done_callback(lambda t: log("callback, cancelled ", t.cancelled()))
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e), ", cancelling ", asyncio.current_task().cancelling())
    log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling())


run(main)

# TMO-05, CAN-16: a cancellation from elsewhere stays a CancelledError, also together with the timeout's own.
import asyncio
from scenario import error, log, name, run


async def main():
    loop = asyncio.get_running_loop()

    async def only_foreign():
        scope = asyncio.timeout(3600)
        try:
            async with scope:
                asyncio.current_task().cancel("foreign")
                await asyncio.sleep(0)
        except BaseException as e:
            log(error(e), ", expired ", scope.expired(), ", cancelling ", asyncio.current_task().cancelling())

    async def both(scope):
        try:
            async with scope:
                await asyncio.sleep(3600)
        except BaseException as e:
            log(name(e), ", expired ", scope.expired(), ", cancelling ", asyncio.current_task().cancelling())

    await asyncio.create_task(only_foreign())

    # The timeout fires first, the cancel comes in the same turn.
    scope = asyncio.timeout(0)
    task = asyncio.create_task(both(scope))
    await asyncio.sleep(0)
    loop.call_soon(task.cancel)
    await task

    # The cancel comes first, the deadline passes in the same turn.
    scope = asyncio.timeout(None)
    task = asyncio.create_task(both(scope))
    await asyncio.sleep(0)
    task.cancel()
    scope.reschedule(loop.time() - 1)
    await task


run(main)

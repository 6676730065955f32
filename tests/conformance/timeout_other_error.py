# TMO-07: another error that leaves the scope passes unchanged, whether the deadline has fired or not.
import asyncio
from scenario import error, log, run


async def main():
    task = asyncio.current_task()

    scope = asyncio.timeout(3600)
    try:
        async with scope:
            raise ValueError("before the deadline")
    except ValueError as e:
        log(error(e), ", expired ", scope.expired(), ", cancelling ", task.cancelling())

    scope = asyncio.timeout(0)
    try:
        async with scope:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                raise ValueError("instead of the cancellation")
    except ValueError as e:
        log(error(e), ", expired ", scope.expired(), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("end")


run(main)

# TMO-08, TMO-12: a body that swallows the cancellation leaves the scope without an error.
import asyncio
from scenario import error, log, ms, name, run_timed


async def main():
    scope = asyncio.timeout(0.1)
    async with scope:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError as e:
            log("swallows ", name(e), " at ", ms())
        log("expired ", scope.expired(), ", cancelling ", asyncio.current_task().cancelling())
        try:
            scope.reschedule(None)
        except RuntimeError as e:
            log(error(e))
        await asyncio.sleep(0.2)
        log("undisturbed until ", ms())
    log("expired ", scope.expired(), ", cancelling ", asyncio.current_task().cancelling())
    try:
        scope.reschedule(None)
    except RuntimeError as e:
        log(error(e))
    await asyncio.sleep(0)
    log("end")


run_timed(main)

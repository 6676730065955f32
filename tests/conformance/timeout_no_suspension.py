# TMO-09, TMO-17: a body that never suspends is not interrupted, however late; the timer goes with the scope.
import asyncio
from scenario import log, run, turns


async def main():
    async def nothing():
        return 3

    for delay in 3600, 0, -1:
        async with asyncio.timeout(delay) as scope:
            log("value ", await nothing())
        log("expired ", scope.expired())
    await turns(3)
    log("undisturbed, cancelling ", asyncio.current_task().cancelling())


run(main)

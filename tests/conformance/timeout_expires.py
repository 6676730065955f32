# TMO-01, TMO-03, TMO-04, TMO-13: an expired scope cancels its body, and turns the CancelledError into a TimeoutError.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    async def body():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("body ", name(e), " at ", ms(), ", cancelling ", asyncio.current_task().cancelling())
            raise
        finally:
            log("body cleans up")

    scope = asyncio.timeout(0.1)
    try:
        async with scope:
            log("expired ", scope.expired())
            await body()
    except TimeoutError as e:
        log(name(e), " at ", ms())
    log("expired ", scope.expired(), ", cancelling ", asyncio.current_task().cancelling())

    scope = asyncio.timeout(0.1)
    async with scope:
        await asyncio.sleep(0.05)
        log("in time at ", ms())
    await asyncio.sleep(0.1)
    log("expired ", scope.expired())

    now = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(now + 0.2) as scope:
            log("when ", round((scope.when() - now) * 1000))
            await asyncio.sleep(0.5)
    except TimeoutError as e:
        log(name(e), " at ", ms())

    async with asyncio.timeout(None) as scope:
        await asyncio.sleep(0.5)
        log("when ", scope.when())
    log("no deadline, expired ", scope.expired())

    # The deadline counts from the call, not from the entry.
    scope = asyncio.timeout(0.1)
    await asyncio.sleep(0.06)
    before = ms()
    try:
        async with scope:
            await asyncio.sleep(0.08)
    except TimeoutError as e:
        log(name(e), " after ", ms() - before)


run_timed(main)

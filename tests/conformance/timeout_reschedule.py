# TMO-12: a deadline may be moved or removed while the scope is active, from another task too.
import asyncio
from scenario import error, log, ms, name, run_timed


async def main():
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.1) as scope:
            scope.reschedule(loop.time() + 0.3)
            log("when ", round(scope.when() * 1000))
            await asyncio.sleep(1)
    except TimeoutError as e:
        log(name(e), " at ", ms())

    async def moves(scope):
        await asyncio.sleep(0.05)
        scope.reschedule(loop.time() + 0.01)

    before = ms()
    scope = asyncio.timeout(0.1)
    mover = asyncio.create_task(moves(scope))
    try:
        async with scope:
            await asyncio.sleep(1)
    except TimeoutError as e:
        log(name(e), " after ", ms() - before)
    await mover

    before = ms()
    async with asyncio.timeout(0.1) as scope:
        await asyncio.sleep(0.05)
        scope.reschedule(None)
        log("when ", scope.when())
        await asyncio.sleep(0.2)
    log("no error after ", ms() - before, ", expired ", scope.expired())

    before = ms()
    try:
        async with asyncio.timeout(None) as scope:
            await asyncio.sleep(0.02)
            scope.reschedule(loop.time() - 1)
            await asyncio.sleep(0.5)
    except TimeoutError as e:
        log(name(e), " after ", ms() - before)


run_timed(main)

# TMO-10: a deadline that has passed fires at the first suspension, even of sleep(0).
import asyncio
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()
    for make in (lambda: asyncio.timeout(0), lambda: asyncio.timeout(-1), lambda: asyncio.timeout_at(loop.time() - 5)):
        scope = make()
        try:
            async with scope:
                log("entered")
                await asyncio.sleep(0)
                log("never")
        except TimeoutError as e:
            log(name(e), ", expired ", scope.expired())

    # What was queued before the entry runs before the deadline fires.
    future = loop.create_future()
    loop.call_soon(future.set_result, "result")
    try:
        async with asyncio.timeout(0):
            log("never ", await future)
    except TimeoutError as e:
        log(name(e), ", ", future.result())


run(main)

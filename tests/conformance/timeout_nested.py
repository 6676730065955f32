# TMO-14: nested scopes: each converts its own expiry.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    async def nested(outer_delay, inner_delay):
        before = ms()
        outer, inner = asyncio.timeout(outer_delay), asyncio.timeout(inner_delay)
        try:
            async with outer:
                try:
                    async with inner:
                        await asyncio.sleep(1)
                except BaseException as e:
                    log("inner ", name(e), " after ", ms() - before)
                    raise
        except BaseException as e:
            log("outer ", name(e), " after ", ms() - before)
        log("expired: outer ", outer.expired(), ", inner ", inner.expired(),
            ", cancelling ", asyncio.current_task().cancelling())

    await nested(0.2, 0.1)
    await nested(0.1, 0.2)

    # The inner one expires, then the outer one while its error is handled.
    try:
        async with asyncio.timeout(0.2):
            try:
                async with asyncio.timeout(0.1):
                    await asyncio.sleep(1)
            except TimeoutError as e:
                log("inner ", name(e))
            await asyncio.sleep(1)
    except TimeoutError as e:
        log("outer ", name(e))


run_timed(main)

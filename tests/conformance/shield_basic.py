# SHD-01, SHD-02: the outer mirrors the result, the error and the cancellation of the inner; a done inner is returned itself.
import asyncio
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()

    async def returns():
        await asyncio.sleep(0)
        return 5

    async def fails():
        raise ValueError("inner")

    async def endless():
        await asyncio.sleep(3600)

    log(await asyncio.shield(returns()))
    try:
        await asyncio.shield(fails())
    except ValueError as e:
        log(error(e))

    inner = asyncio.create_task(endless())
    outer = asyncio.shield(inner)
    await asyncio.sleep(0)
    inner.cancel("inner's")
    try:
        await outer
    except asyncio.CancelledError:
        log("outer cancelled ", outer.cancelled(), ", cancelling ", asyncio.current_task().cancelling())

    done = loop.create_future()
    done.set_result("same")
    log("itself: ", asyncio.shield(done) is done)
    pending = loop.create_future()
    log("itself: ", asyncio.shield(pending) is pending)


run(main)

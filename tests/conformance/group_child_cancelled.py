# TGR-07: a child that ends cancelled, by whomever, does not fail the group.
import asyncio
from scenario import log, run, turns


async def main():
    async def endless():
        await asyncio.sleep(3600)

    async def raises():
        raise asyncio.CancelledError

    async def child():
        await turns(4)
        log("sibling ends")
        return 3

    async with asyncio.TaskGroup() as tg:
        a = tg.create_task(endless())
        b = tg.create_task(raises())
        c = tg.create_task(child())
        await asyncio.sleep(0)
        a.cancel()
    log(a.cancelled(), " ", b.cancelled(), " ", c.result(), ", cancelling ", asyncio.current_task().cancelling())


run(main)

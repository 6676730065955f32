# GAT-06: a cancelled child counts as one that raised CancelledError; the gather is not cancelled, nor are the siblings.
import asyncio
from scenario import log, name, run, turns


async def main():
    async def endless():
        await asyncio.sleep(3600)

    async def sibling():
        await turns(6)
        log("sibling ends")

    child = asyncio.create_task(endless())
    other = asyncio.create_task(sibling())
    both = asyncio.gather(child, other)
    await asyncio.sleep(0)
    child.cancel()
    try:
        await both
    except asyncio.CancelledError as e:
        log(name(e), ", gather cancelled ", both.cancelled(), ", exception ", name(both.exception()))
    log("cancelling ", asyncio.current_task().cancelling(), ", sibling done ", other.done())
    await other


run(main)

# GAT-14, SHD-03: a cancelled shield leaves the gather inside running; a cancelled gather of shields leaves the work running.
import asyncio
from scenario import log, name, run, turns


async def main():
    async def work(who, n):
        await turns(n)
        log(who, " ends")
        return who

    inner = asyncio.gather(work("a", 3), work("b", 5))
    outer = asyncio.shield(inner)
    await asyncio.sleep(0)
    log("cancel ", outer.cancel())
    try:
        await outer
    except asyncio.CancelledError as e:
        log(name(e), ", inner done ", inner.done())
    log(" ".join(await inner))

    c, d = asyncio.create_task(work("c", 3)), asyncio.create_task(work("d", 5))
    both = asyncio.gather(asyncio.shield(c), asyncio.shield(d))
    await asyncio.sleep(0)
    log("cancel ", both.cancel())
    try:
        await both
    except asyncio.CancelledError as e:
        log(name(e), ", ", c.done(), " ", d.done())
    log(await c, " ", await d)


run(main)

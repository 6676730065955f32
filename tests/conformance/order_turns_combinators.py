# 0.2: how many turns of the loop an await takes: gather, wait, as_completed, wait_for, shield.
import asyncio
from scenario import Turns, run


async def nothing():
    return 1


async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def fails():
    raise ValueError("no")


def done_future():
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    return future


def fresh(n=0):
    return asyncio.create_task(yields(n))


async def next_of(iterator):
    await anext(iterator)


async def main():
    async with Turns() as t:
        await t.measure("gather()", lambda: asyncio.gather())
        await t.measure("gather(done, done)", lambda: asyncio.gather(done_future(), done_future()))
        await t.measure("gather(fresh, fresh)", lambda: asyncio.gather(nothing(), nothing()))
        await t.measure("gather(fresh, three turns)", lambda: asyncio.gather(nothing(), yields(3)))
        await t.measure("gather(fails, three turns)", lambda: asyncio.gather(fails(), yields(3)))
        await t.measure("gather(task)", lambda: asyncio.gather(fresh()))
        await t.measure("wait(done)", lambda: asyncio.wait([done_future()]))
        await t.measure("wait(fresh)", lambda: asyncio.wait([fresh()]))
        await t.measure("wait(fresh, two turns)", lambda: asyncio.wait([fresh(), fresh(2)]))
        await t.measure("wait(fresh, two turns; first)",
                        lambda: asyncio.wait([fresh(), fresh(2)], return_when=asyncio.FIRST_COMPLETED))
        await t.measure("as_completed(done)", lambda: next_of(asyncio.as_completed([done_future()])))
        await t.measure("as_completed(fresh)", lambda: next_of(asyncio.as_completed([fresh()])))
        await t.measure("wait_for(coroutine, long)", lambda: asyncio.wait_for(nothing(), 60))
        await t.measure("wait_for(coroutine, none)", lambda: asyncio.wait_for(nothing(), None))
        await t.measure("wait_for(one turn, long)", lambda: asyncio.wait_for(yields(1), 60))
        await t.measure("wait_for(done future, 0)", lambda: asyncio.wait_for(done_future(), 0))
        await t.measure("wait_for(done future, long)", lambda: asyncio.wait_for(done_future(), 60))
        await t.measure("wait_for(coroutine, 0)", lambda: asyncio.wait_for(nothing(), 0))
        await t.measure("wait_for(fresh task, long)", lambda: asyncio.wait_for(fresh(), 60))
        await t.measure("wait_for(fresh task, 0)", lambda: asyncio.wait_for(fresh(), 0))
        await t.measure("shield(done)", lambda: asyncio.shield(done_future()))
        await t.measure("shield(fresh coroutine)", lambda: asyncio.shield(nothing()))
        await t.measure("shield(fresh task)", lambda: asyncio.shield(fresh()))


run(main)

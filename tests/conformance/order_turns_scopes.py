# 0.2: how many turns of the loop a scope takes: TaskGroup and timeout.
import asyncio
from scenario import Turns, run


async def nothing():
    return 1


async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def fails():
    raise ValueError("no")


async def group(*children, eager=False):
    async with asyncio.TaskGroup() as tg:
        for child in children:
            tg.create_task(child, eager_start=eager)


async def failing_group():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(yields(1))
        raise ValueError("no")


async def timed(delay, n):
    async with asyncio.timeout(delay):
        await yields(n)


async def main():
    async with Turns() as t:
        await t.measure("empty group", lambda: group())
        await t.measure("group with a fresh child", lambda: group(nothing()))
        await t.measure("group with two children", lambda: group(nothing(), yields(2)))
        await t.measure("group with an eager child", lambda: group(nothing(), eager=True))
        await t.measure("group with a failing child", lambda: group(fails()))
        await t.measure("group with a failing and a waiting child", lambda: group(fails(), yields(10)))
        await t.measure("group whose body fails", failing_group)
        await t.measure("timeout, no suspension", lambda: timed(60, 0))
        await t.measure("timeout(0), no suspension", lambda: timed(0, 0))
        await t.measure("timeout(0), sleep(0)", lambda: timed(0, 1))
        await t.measure("timeout(0), three sleep(0)", lambda: timed(0, 3))
        await t.measure("timeout(-1), sleep(0)", lambda: timed(-1, 1))
        await t.measure("timeout, two sleep(0)", lambda: timed(60, 2))
        await t.measure("timeout(none), two sleep(0)", lambda: timed(None, 2))


run(main)

# 0.2: how many turns of the loop an await takes: coroutines, sleeps, futures, tasks.
import asyncio
from scenario import Turns, run


async def nothing():
    return 1


async def deep(n):
    return await deep(n - 1) if n else 0


async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def fails():
    raise ValueError("no")


async def main():
    loop = asyncio.get_running_loop()

    def done_future():
        future = loop.create_future()
        future.set_result(1)
        return future

    def queued_future():
        future = loop.create_future()
        loop.call_soon(future.set_result, 1)
        return future

    def cancelled_future():
        future = loop.create_future()
        loop.call_soon(future.cancel)
        return future

    def twice_queued_future():
        future = loop.create_future()
        loop.call_soon(lambda: loop.call_soon(future.set_result, 1))
        return future

    async with Turns() as t:
        await t.measure("plain coroutine", nothing)
        await t.measure("chain of coroutines", lambda: deep(50))
        await t.measure("coroutine that fails", fails)
        await t.measure("sleep(0)", lambda: asyncio.sleep(0))
        await t.measure("sleep(negative)", lambda: asyncio.sleep(-1))
        await t.measure("coroutine with three sleep(0)", lambda: yields(3))
        await t.measure("done future", done_future)
        await t.measure("future resolved by a queued callback", queued_future)
        await t.measure("future cancelled by a queued callback", cancelled_future)
        await t.measure("future resolved two callbacks away", twice_queued_future)
        await t.measure("fresh task", lambda: asyncio.create_task(nothing()))
        await t.measure("fresh task that fails", lambda: asyncio.create_task(fails()))
        await t.measure("fresh task with one sleep(0)", lambda: asyncio.create_task(yields(1)))
        await t.measure("fresh task with three sleep(0)", lambda: asyncio.create_task(yields(3)))
        await t.measure("task in a task", lambda: asyncio.create_task(inner_task()))
        finished = asyncio.create_task(nothing())
        await finished
        await t.measure("finished task", lambda: finished)
        await t.measure("eager task", lambda: asyncio.create_task(nothing(), eager_start=True))


async def inner_task():
    await asyncio.create_task(nothing())


run(main)

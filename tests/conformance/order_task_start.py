# TASK-01, TASK-04, CORO-01, CORO-02: tasks start in creation order, among the other callbacks; a plain await does not yield.
import asyncio
from scenario import log, run


async def main():
    loop = asyncio.get_running_loop()

    async def leaf(name):
        log("leaf of ", name)
        return name

    async def child(name):
        log(name, " starts")
        await leaf(name)
        asyncio.create_task(leaf("grandchild of " + name))
        await leaf(name + " again")
        await asyncio.sleep(0)
        log(name, " ends")

    loop.call_soon(log, "callback 1")
    a = asyncio.create_task(child("a"))
    loop.call_soon(log, "callback 2")
    b = asyncio.create_task(child("b"))
    loop.call_soon(log, "callback 3")
    lazy = leaf("lazy")
    log("main creates, nothing ran")
    await a
    log("main has a, b is done: ", b.done())
    await b
    log("main has ", await lazy)


run(main)

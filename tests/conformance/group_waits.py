# TGR-01, TGR-03, TGR-05: leaving the scope waits for all children, also for those added meanwhile.
import asyncio
from scenario import log, run, turns


async def main():
    async def child(name, n):
        log(name, " starts")
        await turns(n)
        log(name, " ends")
        return "result of " + name

    async def adds(tg):
        await turns(2)
        log("adds")
        tg.create_task(child("late", 3))
        await asyncio.sleep(0)
        log("adder ends")

    async with asyncio.TaskGroup() as tg:
        a = tg.create_task(child("a", 1))
        b = tg.create_task(child("b", 3), name="child b")
        tg.create_task(adds(tg))
        log("body ends, ", b.get_name())
    log("left: ", a.result(), ", ", b.result())

    async with asyncio.TaskGroup():
        log("empty")
    log("end")


run(main)

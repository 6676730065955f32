# TASK-19: all_tasks() holds the unfinished tasks of the loop.
import asyncio
from scenario import log, run, turns


async def main():
    asyncio.current_task().set_name("main")

    def names():
        return ", ".join(sorted([t.get_name() for t in asyncio.all_tasks()]))

    async def work(n):
        await turns(n)

    async def looks():
        log("inside: ", names())

    log(names())
    a = asyncio.create_task(work(2), name="a")
    b = asyncio.create_task(work(6), name="b")
    log(names())
    await a
    log(names())
    b.cancel()
    log("cancelling: ", names())
    await turns(2)
    log(names())
    await asyncio.create_task(looks(), name="looks")
    await asyncio.create_task(looks(), name="eager", eager_start=True)
    log(names())


run(main)

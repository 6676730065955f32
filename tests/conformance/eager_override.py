# EAG-07: eager_start overrides the loop's mode in either direction; without a factory the loop is lazy again.
import asyncio
from scenario import log, run


async def main():
    loop = asyncio.get_running_loop()

    async def work(what):
        log(what, " runs")

    task = asyncio.create_task(work("eager on a lazy loop"), eager_start=True)
    log("done ", task.done())
    task = asyncio.create_task(work("lazy"), eager_start=False)
    log("done ", task.done())
    await task

    loop.set_task_factory(asyncio.eager_task_factory)
    task = asyncio.create_task(work("lazy on an eager loop"), eager_start=False)
    log("done ", task.done())
    await task
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work("eager child"))
        tg.create_task(work("lazy child"), eager_start=False)
        log("body ends")

    loop.set_task_factory(None)
    task = asyncio.create_task(work("lazy again"))
    log("done ", task.done())
    await task


run(main)

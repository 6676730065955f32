# ASC-01, ASC-04, ASC-05: the handles themselves, in completion order; duplicates collapse.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def work(value, n):
        await turns(n)
        return value

    async def fails(n):
        await turns(n)
        raise ValueError("member")

    tasks = [asyncio.create_task(work("slow", 5)), asyncio.create_task(fails(3)), asyncio.create_task(work("fast", 1))]
    async for task in asyncio.as_completed(tasks):
        log("handle ", tasks.index(task), ", done ", task.done())
        try:
            log(await task)
        except ValueError as e:
            log(error(e))

    # At the same time: in the order of their done callbacks.
    futures = [asyncio.get_running_loop().create_future() for _ in range(3)]
    iterator = asyncio.as_completed(futures)
    for i in 2, 0, 1:
        futures[i].set_result(i)
    async for future in iterator:
        log("future ", future.result())

    task = asyncio.create_task(work("once", 1))
    count = 0
    async for _ in asyncio.as_completed([task, task]):
        count += 1
    log("duplicates: ", count)


run(main)

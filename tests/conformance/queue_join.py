# QUE-08: join returns when task_done() was called for each item, or at once.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    queue = asyncio.Queue()
    await tell("nothing", queue.join())
    for i in range(3):
        queue.put_nowait(i)
    joiners = [told("x", queue.join()), told("y", queue.join())]

    async def worker(who):
        while True:
            item = await queue.get()
            log(who, " works on ", item)
            await turns(1)
            queue.task_done()

    workers = [asyncio.create_task(worker(who)) for who in ("a", "b")]
    await logged_turns(4)
    await asyncio.wait(joiners)
    queue.put_nowait(9)
    again = told("again", queue.join())
    await logged_turns(4)
    await again
    for task in workers:
        task.cancel()
    await asyncio.wait(workers)


run(main)

# QUE-12, QUE-13: last in first out; smallest first; both with waiters.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    for queue in (asyncio.Queue(3), asyncio.LifoQueue(3), asyncio.PriorityQueue(3)):
        for item in (2, 3, 1):
            await queue.put(item)
        putter = told("put", queue.put(0))
        await turns(1)
        for _ in range(4):
            await tell("get", queue.get())
            await turns(1)
        await putter
        getters = [told("a", queue.get()), told("b", queue.get())]
        await turns(1)
        for item in (1, 2, 3):
            queue.put_nowait(item)
        await logged_turns(2)
        log(queue.get_nowait(), " ", queue.qsize())


run(main)

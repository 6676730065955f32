# QUE-01, QUE-02: items and waiters in order; put and get suspend only when full or empty.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    queue = asyncio.Queue(2)
    log(queue.maxsize, queue.qsize(), queue.empty(), queue.full())

    async def putter(first):
        for i in range(first, first + 2):
            await queue.put(i)
            log("put ", i, ", size ", queue.qsize())

    tasks = [asyncio.create_task(putter(first)) for first in (10, 20, 30)]
    await logged_turns(2)
    log("full ", queue.full())
    for _ in range(6):
        await tell("get", queue.get())
        await logged_turns(1)
    await asyncio.wait(tasks)
    log(queue.qsize(), queue.empty(), queue.full())

    getters = [told(who, queue.get()) for who in ("a", "b", "c")]
    await turns(1)
    for i in range(3):
        await queue.put(i)
        log("put ", i)
    await logged_turns(2)
    unbounded = asyncio.Queue(-1)
    for i in range(100):
        unbounded.put_nowait(i)
    log(unbounded.full(), " ", unbounded.qsize())


run(main)

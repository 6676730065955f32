# QUE-04: a woken getter or putter looks again, and lines up again if somebody was faster.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    queue = asyncio.Queue(1)
    a, b, c = told("a", queue.get()), told("b", queue.get()), told("c", queue.get())
    await turns(1)
    queue.put_nowait(1)
    log("faster ", queue.get_nowait())
    await logged_turns(2)
    for i in (2, 3, 4):
        await queue.put(i)
        log("put ", i)
    await logged_turns(3)

    queue.put_nowait(0)
    d, e = told("d", queue.put(10)), told("e", queue.put(20))
    await turns(1)
    log("get ", queue.get_nowait())
    queue.put_nowait(99)
    await logged_turns(2)
    for _ in range(3):
        await tell("get", queue.get())
        await logged_turns(1)


run(main)

# QUE-06, QUE-07: a cancelled put never loses its room, and its item is not put.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    a, b, c = told("a", queue.put(1)), told("b", queue.put(2)), told("c", queue.put(3))
    await turns(1)
    a.cancel("in line")
    log(queue.get_nowait())
    b.cancel("late")
    await logged_turns(3)
    log("size ", queue.qsize(), ", ", queue.get_nowait())
    await logged_turns(1)

    queue.put_nowait(4)
    d = told("d", queue.put(5))
    await turns(1)
    log(queue.get_nowait())
    d.cancel("nobody else")
    await logged_turns(2)
    log("size ", queue.qsize())


run(main)

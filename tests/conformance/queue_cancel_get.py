# QUE-05, QUE-07: a cancelled get never loses an item (bpo-23812).
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    queue = asyncio.Queue()
    a, b, c = told("a", queue.get()), told("b", queue.get()), told("c", queue.get())
    await turns(1)
    a.cancel("in line")
    queue.put_nowait(1)
    b.cancel("late")
    await logged_turns(3)
    log("size ", queue.qsize())
    d = told("d", queue.get())
    await turns(1)
    queue.put_nowait(2)
    d.cancel("nobody else")
    await logged_turns(2)
    log("size ", queue.qsize())
    await tell("main", queue.get())

    e, f = told("e", queue.get()), told("f", queue.get())
    await turns(1)
    queue.put_nowait(3)
    e.cancel("and somebody is faster")
    log(queue.get_nowait())
    await logged_turns(3)
    log("done ", f.done())
    queue.put_nowait(4)
    await f


run(main)

# EVT-04, CAN-07: cancelled before set() and after it; the others are woken.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    event = asyncio.Event()
    a, b, c = told("a", event.wait()), told("b", event.wait()), told("c", event.wait())
    await turns(1)
    a.cancel("before")
    event.set()
    b.cancel("after")
    await logged_turns(2)
    log(a.cancelled(), b.cancelled(), c.cancelled())
    task = asyncio.create_task(asyncio.Event().wait())
    await turns(1)
    task.cancel()
    await logged_turns(1)
    log(task.cancelled())


run(main)

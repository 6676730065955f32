# BAR-06: reset sends away who waits, not who is blocked outside; an empty one does nothing.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    barrier = asyncio.Barrier(3)
    await barrier.reset()
    tasks = [told("a", barrier.wait()), told("b", barrier.wait())]
    await logged_turns(2)
    await barrier.reset()
    log("waiting ", barrier.n_waiting, ", broken ", barrier.broken)
    await logged_turns(4)

    tasks += [told(who, barrier.wait()) for who in ("c", "d", "e", "f")]
    await turns(1)
    reset = told("reset", barrier.reset())
    await logged_turns(8)
    log("waiting ", barrier.n_waiting)
    tasks += [told("g", barrier.wait()), told("h", barrier.wait())]
    await asyncio.wait(tasks)
    log("waiting ", barrier.n_waiting)


run(main)

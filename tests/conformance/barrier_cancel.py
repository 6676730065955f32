# BAR-05: a task cancelled while it fills counts no longer.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    barrier = asyncio.Barrier(3)
    a, b = told("a", barrier.wait()), told("b", barrier.wait())
    await logged_turns(2)
    b.cancel("b")
    await logged_turns(3)
    log("waiting ", barrier.n_waiting, ", broken ", barrier.broken)
    c, d = told("c", barrier.wait()), told("d", barrier.wait())
    await asyncio.wait([a, c, d])

    e, f = told("e", barrier.wait()), told("f", barrier.wait())
    await turns(1)
    g = told("g", barrier.wait())
    await turns(1)
    e.cancel("while it drains")
    await logged_turns(4)
    log("waiting ", barrier.n_waiting, ", done ", f.done())


run(main)

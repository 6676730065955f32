# SEM-05, SEM-06: cancelled in line, and cancelled with the permit on its way (gh-90155).
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    semaphore = asyncio.Semaphore(0)
    a, b, c = told("a", semaphore.acquire()), told("b", semaphore.acquire()), told("c", semaphore.acquire())
    await turns(1)
    a.cancel("in line")
    semaphore.release()
    b.cancel("late")
    await logged_turns(3)
    log("locked ", semaphore.locked())

    d = told("d", semaphore.acquire())
    await turns(1)
    semaphore.release()
    d.cancel("nobody else")
    log("locked ", semaphore.locked())
    newcomer = told("newcomer", semaphore.acquire())
    await logged_turns(3)
    log("locked ", semaphore.locked())


run(main)

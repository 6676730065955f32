# LCK-07: a release that finds cancelled waiters in front; they pass it on when they run.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a, b, c = told("a", lock.acquire()), told("b", lock.acquire()), told("c", lock.acquire())
    await turns(1)
    a.cancel("a")
    b.cancel("b")
    lock.release()
    newcomer = told("newcomer", lock.acquire())
    await logged_turns(4)
    lock.release()
    await logged_turns(2)

    d, e = told("d", lock.acquire()), told("e", lock.acquire())
    await turns(1)
    lock.release()
    e.cancel("e")
    await logged_turns(3)
    log("locked ", lock.locked())


run(main)

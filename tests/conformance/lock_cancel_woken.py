# LCK-06: cancelled after the wake-up, the lock goes to the next (bpo-27585, bpo-32734); nobody left, it is free.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a, b = told("a", lock.acquire()), told("b", lock.acquire())
    await turns(1)
    lock.release()
    a.cancel("late")
    await logged_turns(3)
    log("locked ", lock.locked())
    lock.release()

    await lock.acquire()
    c = told("c", lock.acquire())
    await turns(1)
    lock.release()
    c.cancel()
    await logged_turns(2)
    log("locked ", lock.locked())


run(main)

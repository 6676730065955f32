# LCK-05: a waiter that is cancelled in line leaves the others alone.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a, b, c = told("a", lock.acquire()), told("b", lock.acquire()), told("c", lock.acquire())
    await turns(1)
    b.cancel("b")
    await logged_turns(2)
    lock.release()
    await logged_turns(2)
    lock.release()
    await logged_turns(2)
    log("cancelled ", b.cancelled(), ", locked ", lock.locked())


run(main)

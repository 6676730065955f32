# SEM-03, SEM-04, SEM-07: a permit goes straight to the first; who gets one wakes as many as are left.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    a = told("a", semaphore.acquire())
    await turns(1)
    semaphore.release()
    again = told("releaser", semaphore.acquire())
    await logged_turns(2)
    log("locked ", semaphore.locked())
    semaphore.release()
    await logged_turns(2)

    b = told("b", semaphore.acquire())
    await turns(1)

    def release():
        for _ in range(3):
            semaphore.release()
        log("released, locked ", semaphore.locked())

    asyncio.get_running_loop().call_soon(release)
    c, d, e = told("c", semaphore.acquire()), told("d", semaphore.acquire()), told("e", semaphore.acquire())
    await logged_turns(4)
    log("locked ", semaphore.locked(), ", e ", e.done())
    semaphore.release()
    await e


run(main)

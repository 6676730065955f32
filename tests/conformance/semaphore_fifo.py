# SEM-01, SEM-02, SEM-04: permits in order of arrival.
import asyncio
from scenario import error, log, logged_turns, run, tell, told


async def main():
    try:
        asyncio.Semaphore(-1)
    except ValueError as e:
        log(error(e))
    semaphore = asyncio.Semaphore(2)
    await tell("main", semaphore.acquire())
    log("locked ", semaphore.locked())
    tasks = [told(who, semaphore.acquire()) for who in ("a", "b", "c", "d")]
    await logged_turns(2)
    log("locked ", semaphore.locked())
    semaphore.release()
    semaphore.release()
    log("locked ", semaphore.locked())
    await logged_turns(2)
    semaphore.release()
    await asyncio.wait(tasks)
    log("locked ", semaphore.locked())
    semaphore.release()
    log("locked ", semaphore.locked())


run(main)

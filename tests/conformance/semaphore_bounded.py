# SEM-08, SYN-05: one release too many; the scope.
import asyncio
from scenario import error, log, run, turns


async def main():
    semaphore = asyncio.BoundedSemaphore(1)
    try:
        semaphore.release()
    except ValueError as e:
        log(error(e))
    async with semaphore:
        log("locked ", semaphore.locked())
    log("locked ", semaphore.locked())

    async def user(who):
        async with semaphore:
            log(who)
            await turns(1)

    await asyncio.gather(user("a"), user("b"), user("c"))
    log("locked ", semaphore.locked())


run(main)

# CND-03, CND-05: cancelled, again and again, while it acquires the lock; the last error is raised.
import asyncio
from scenario import log, logged_turns, run, tell, turns


async def main():
    condition = asyncio.Condition()

    async def waiter(who):
        async with condition:
            await tell(who, condition.wait())
            log(who, " has the lock: ", condition.locked())


    a, b = asyncio.create_task(waiter("a")), asyncio.create_task(waiter("b"))
    await turns(2)
    await condition.acquire()
    condition.notify()
    await logged_turns(2)
    a.cancel("first")
    await logged_turns(2)
    a.cancel("second")
    await logged_turns(1)
    condition.release()
    await logged_turns(6)
    log(a.cancelled(), " ", b.done(), " ", condition.locked())

    c = asyncio.create_task(waiter("c"))
    await turns(2)
    await condition.acquire()
    condition.notify()
    await turns(2)
    condition.release()
    c.cancel("with the lock on its way")
    await logged_turns(3)
    log(c.cancelled(), " ", condition.locked())


run(main)

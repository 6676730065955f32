# CND-04: a notification of a task that is cancelled goes to another one (gh-112202).
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
    a.cancel("late")
    condition.release()
    await logged_turns(6)
    log(a.cancelled(), " ", b.done(), " ", condition.locked())


run(main)

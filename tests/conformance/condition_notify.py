# CND-02, CND-06, CND-07: notify wakes the first n, in order, and they go on when the lock is free.
import asyncio
from scenario import log, logged_turns, run, tell


async def main():
    condition = asyncio.Condition()

    async def waiter(who):
        async with condition:
            await tell(who, condition.wait())
            log(who, " has the lock: ", condition.locked())


    tasks = [asyncio.create_task(waiter(who)) for who in "abcd"]
    await logged_turns(2)
    async with condition:
        condition.notify()
        log("notified one")
        await logged_turns(2)
    await logged_turns(3)
    async with condition:
        condition.notify(2)
        condition.notify(0)
    await logged_turns(4)
    async with condition:
        condition.notify(2048)
        condition.notify_all()
    await logged_turns(3)
    log("locked ", condition.locked())
    await asyncio.wait(tasks)


run(main)

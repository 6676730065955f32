# CND-06, CND-07: all return in the order in which they waited; late ones wait on.
import asyncio
from scenario import log, logged_turns, run, tell, turns


async def main():
    condition = asyncio.Condition()

    async def waiter(who):
        async with condition:
            await tell(who, condition.wait())
            log(who, " has the lock: ", condition.locked())


    tasks = [asyncio.create_task(waiter(who)) for who in "abc"]
    await turns(2)
    async with condition:
        condition.notify_all()
        tasks.append(asyncio.create_task(waiter("late")))
        await logged_turns(1)
    await logged_turns(6)
    log("done ", tasks[3].done())
    async with condition:
        condition.notify_all()
    await asyncio.wait(tasks)


run(main)

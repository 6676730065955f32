# CND-08, CND-09: the predicate is asked first, then after each notification.
import asyncio
from scenario import error, log, logged_turns, run, tell


async def main():
    condition = asyncio.Condition()
    value = 0

    def predicate():
        log("asked, ", value)
        return value if value > 1 else 0

    async def waiter():
        async with condition:
            await tell("waiter", condition.wait_for(predicate))

    task = asyncio.create_task(waiter())
    await logged_turns(1)
    for value in (1, 2):
        async with condition:
            condition.notify()
        await logged_turns(3)
    await task
    await tell("without the lock", condition.wait_for(predicate))
    value = 0
    try:
        await condition.wait_for(predicate)
    except RuntimeError as e:
        log(error(e))


run(main)

# CND-03: a cancelled wait has the lock again before it raises (bpo-22970).
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
    a.cancel("stop")
    await logged_turns(3)
    log("cancelled ", a.cancelled(), ", locked ", condition.locked())
    await condition.acquire()
    b.cancel("in line")
    await logged_turns(3)
    log("cancelled ", b.cancelled())
    condition.release()
    await logged_turns(3)
    log("cancelled ", b.cancelled(), ", locked ", condition.locked())


run(main)

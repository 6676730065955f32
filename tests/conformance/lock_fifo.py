# LCK-01, LCK-02, LCK-04, LCK-08: first in, first out; a release takes a turn; locked() in between.
import asyncio
from scenario import log, logged_turns, run, tell, turns


async def main():
    lock = asyncio.Lock()
    await tell("main", lock.acquire())

    async def worker(who):
        await tell(who, lock.acquire())
        await turns(1)
        log(who, " releases")
        lock.release()
        log("locked ", lock.locked())

    tasks = [asyncio.create_task(worker(who)) for who in ("a", "b", "c")]
    await logged_turns(2)
    log("locked ", lock.locked())
    lock.release()
    log("locked ", lock.locked())
    await logged_turns(8)
    await asyncio.wait(tasks)
    log("locked ", lock.locked())


run(main)

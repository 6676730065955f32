# LCK-02: while somebody waits, neither the releaser nor a newcomer overtakes; behind the cancelled only, one does.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a = told("a", lock.acquire())
    await turns(1)
    lock.release()
    again = told("releaser", lock.acquire())
    newcomer = told("newcomer", lock.acquire())
    for _ in range(3):
        await logged_turns(2)
        log("locked ", lock.locked())
        lock.release()

    await lock.acquire()
    b = told("b", lock.acquire())
    await turns(1)
    b.cancel()
    lock.release()
    await tell("overtakes", lock.acquire())
    await logged_turns(2)


run(main)

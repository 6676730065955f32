# LCK-06, CAN-06: create_task(lock.acquire()) cancelled in the turn of the hand-off.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    a = asyncio.create_task(lock.acquire())
    b = told("b", lock.acquire())
    await turns(1)
    lock.release()
    log("taken ", a.cancel())
    await logged_turns(3)
    log("cancelled ", a.cancelled(), ", locked ", lock.locked())


run(main)

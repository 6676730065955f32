# SEM-06, CAN-06: create_task(semaphore.acquire()) cancelled in the turn of the hand-off.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    semaphore = asyncio.Semaphore(0)
    a = asyncio.create_task(semaphore.acquire())
    b = told("b", semaphore.acquire())
    await turns(1)
    semaphore.release()
    log("taken ", a.cancel())
    await logged_turns(3)
    log("cancelled ", a.cancelled(), ", locked ", semaphore.locked())


run(main)

# SEM-06: several are woken and cancelled in the same turn; all permits are there afterwards.
import asyncio
from scenario import log, logged_turns, run, tell, told, turns


async def main():
    semaphore = asyncio.Semaphore(3)
    for _ in range(3):
        await semaphore.acquire()
    tasks = [told(str(i), semaphore.acquire()) for i in range(6)]
    await turns(1)
    for _ in range(3):
        semaphore.release()
    for i in (0, 2, 3, 5):
        tasks[i].cancel()
    await logged_turns(4)
    for i, task in enumerate(tasks):
        log(i, " done ", task.done(), ", cancelled ", task.done() and task.cancelled())
    log("locked ", semaphore.locked())
    await tell("main", semaphore.acquire())
    log("locked ", semaphore.locked())


run(main)

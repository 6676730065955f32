# SYN-03, LCK-05, LCK-06: composed with wait_for, also when the deadline and the release come together.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    try:
        await asyncio.wait_for(lock.acquire(), 1)
    except TimeoutError as e:
        log(name(e), " at ", ms())
    asyncio.get_running_loop().call_later(1, lock.release)
    try:
        await asyncio.wait_for(lock.acquire(), 2)
        log("acquired at ", ms())
    except TimeoutError as e:
        log(name(e), " at ", ms())
    other = asyncio.create_task(asyncio.wait_for(lock.acquire(), 5))
    await asyncio.sleep(1)
    lock.release()
    await asyncio.sleep(0)
    log("locked ", lock.locked(), " at ", ms())
    log(await other)


run_timed(main)

# CND-01: two conditions share a lock.
import asyncio
from scenario import log, run


async def main():
    lock = asyncio.Lock()
    full, empty = asyncio.Condition(lock), asyncio.Condition(lock)
    items = []

    async def consumer():
        for _ in range(3):
            async with full:
                await full.wait_for(lambda: len(items) > 0)
                log("takes ", items.pop(0))
                empty.notify()

    async def producer():
        for i in range(3):
            async with empty:
                await empty.wait_for(lambda: len(items) == 0)
                log("makes ", i)
                items.append(i)
                full.notify()

    await asyncio.gather(consumer(), producer())
    log("locked ", full.locked(), " ", empty.locked(), " ", lock.locked())


run(main)

# ASC-06: one deadline for all; afterwards each step raises TimeoutError; nobody is cancelled.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    async def work(n):
        await asyncio.sleep(n / 1000)
        return n

    tasks = [asyncio.create_task(work(n)) for n in (300, 100, 200)]
    try:
        async for task in asyncio.as_completed(tasks, timeout=0.150):
            log("got ", await task, " at ", ms())
    except TimeoutError as e:
        log(name(e), " at ", ms())
    log([t.done() for t in tasks], " ", [t.cancelling() for t in tasks])

    for awaitable in asyncio.as_completed(tasks, timeout=0.100):
        try:
            log("got ", await awaitable, " at ", ms())
        except TimeoutError as e:
            log(name(e), " at ", ms())

    async for task in asyncio.as_completed(tasks, timeout=3600):
        log("got ", await task, " at ", ms())


run_timed(main)

# SLP-01: sleeping tasks wake in deadline order and at their time; the timer of a cancelled sleep is gone.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    async def sleeper(delay):
        value = await asyncio.sleep(delay / 1000, delay)
        log("slept ", value, ", now ", ms())

    delays = [50, 10, 30, 20, 40]
    tasks = [asyncio.create_task(sleeper(d)) for d in delays]
    endless = asyncio.create_task(sleeper(3_600_000))
    await asyncio.sleep(0.035)
    log("main at ", ms())
    endless.cancel()
    try:
        await endless
    except asyncio.CancelledError as e:
        log(name(e), " at ", ms())
    for task in tasks:
        await task
    log("main ends at ", ms())


run_timed(main)

# WFR-09, SHD-03: a shielded inner outlives the timeout.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    async def inner():
        await asyncio.sleep(0.2)
        log("inner ends at ", ms())
        return "result"

    task = asyncio.create_task(inner())
    outer = asyncio.shield(task)
    try:
        await asyncio.wait_for(outer, 0.1)
    except TimeoutError as e:
        log(name(e), " at ", ms())
    log("outer cancelled ", outer.cancelled(), ", inner done ", task.done())
    log(await task, " at ", ms())


run_timed(main)

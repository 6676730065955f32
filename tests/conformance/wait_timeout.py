# WAI-05: the timeout raises nothing and cancels nobody.
import asyncio
from scenario import log, ms, run_timed


async def main():
    async def work(n):
        await asyncio.sleep(n / 1000)
        return n

    tasks = [asyncio.create_task(work(n)) for n in (100, 200, 300)]
    done, pending = await asyncio.wait(tasks, timeout=0.150)
    log("at ", ms(), " done ", len(done), ", pending ", len(pending))
    done, pending = await asyncio.wait(tasks, timeout=0)
    log("at ", ms(), " done ", len(done), ", pending ", len(pending))
    done, pending = await asyncio.wait(tasks, timeout=3600)
    log("at ", ms(), " done ", len(done), ", pending ", len(pending))
    log([t.result() for t in tasks])


run_timed(main)

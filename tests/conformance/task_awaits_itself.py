# CORO-05: a task that awaits itself gets a RuntimeError there, and can go on.
import asyncio
from scenario import log, name, run


async def main():
    tasks = []

    async def work():
        try:
            await tasks[0]
            log("never")
        except RuntimeError as e:
            log(name(e))
        await asyncio.sleep(0)
        return 4

    tasks.append(asyncio.create_task(work()))
    log(await tasks[0])


run(main)

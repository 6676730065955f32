# CAN-02, CAN-09: the cancellation is an edge: clean-up may await, and its caller waits for it.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def cleans(name, n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            log(name, " cleans up")
            for i in range(n):
                await asyncio.sleep(0)
                log(name, " ", i)
            raise

    async def parent():
        child = asyncio.create_task(cleans("child", 3))
        await asyncio.sleep(0)
        try:
            await child
        except asyncio.CancelledError as e:
            log("parent ", error(e))
            raise

    task = asyncio.create_task(parent())
    other = asyncio.create_task(cleans("other", 2))
    await turns(3)
    task.cancel("stop")
    other.cancel()
    for t in task, other:
        try:
            await t
        except asyncio.CancelledError as e:
            log("main ", error(e))
    log(task.cancelled(), " ", other.cancelled())


run(main)

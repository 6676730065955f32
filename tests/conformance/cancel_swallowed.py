# CAN-09: a coroutine may swallow the cancellation, go on, and await again.
import asyncio
from scenario import log, name, run, turns


async def main():
    async def stubborn():
        for i in range(2):
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError as e:
                log("swallows ", name(e), " ", i)
            await turns(2)
            log("awaits normally")
        return "result"

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    await turns(5)
    log("done ", task.done(), ", cancelling ", task.cancelling())
    task.cancel()
    log(await task)
    log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling())


run(main)

# CAN-05: cancelling oneself interrupts the next await that suspends, and cancels what it awaits.
import asyncio
from scenario import error, log, run, turns


async def main():
    future = asyncio.get_running_loop().create_future()

    async def nothing():
        log("a coroutine that does not suspend is not interrupted")

    async def work():
        asyncio.current_task().cancel("mine")
        log("goes on")
        await nothing()
        done = asyncio.get_running_loop().create_future()
        done.set_result(1)
        log("nor is a done future: ", await done)
        try:
            await future
        except asyncio.CancelledError as e:
            log(error(e))
            raise

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    log("task done ", task.done(), ", future cancelled ", future.cancelled())
    await turns(2)
    log("task cancelled ", task.cancelled(), ", future cancelled ", future.cancelled())

    async def child():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("child ", error(e))
            raise

    async def parent():
        inner = asyncio.create_task(child())
        await asyncio.sleep(0)
        asyncio.current_task().cancel("and my child")
        try:
            await inner
        except asyncio.CancelledError as e:
            log("parent ", error(e), ", child cancelled ", inner.cancelled())

    await asyncio.create_task(parent())


run(main)

# CAN-02, CAN-03, CAN-09: cancelling reaches what the task waits for; the task hears of it in a later turn.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda f: log("future is done, cancelled ", f.cancelled()))

    async def inner():
        try:
            await future
        except asyncio.CancelledError as e:
            log("inner ", error(e))
            raise
        finally:
            log("inner cleans up")

    async def outer():
        try:
            await inner()
        except asyncio.CancelledError as e:
            log("outer ", error(e))
            raise

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    loop.call_soon(log, "queued before the cancel")
    log("cancel ", task.cancel("reason"))
    loop.call_soon(log, "queued after the cancel")
    log("future cancelled ", future.cancelled(), ", task done ", task.done())
    await asyncio.sleep(0)
    log("a turn later, task done ", task.done())
    await turns(2)
    log("cancelled ", task.cancelled())


run(main)

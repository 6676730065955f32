# CAN-11: several requests before the delivery raise the counter and deliver one CancelledError; a later one delivers again.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def work():
        caught = 0
        for _ in range(4):
            try:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            except asyncio.CancelledError as e:
                caught += 1
                log(error(e), ", cancelling ", asyncio.current_task().cancelling())
        return caught

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    log(task.cancel("one"), " ", task.cancel("two"), ", cancelling ", task.cancelling())
    await turns(2)
    log(task.cancel("three"), ", cancelling ", task.cancelling())
    log("caught ", await task)

    future = asyncio.get_running_loop().create_future()

    async def waits():
        try:
            await future
        except asyncio.CancelledError as e:
            log(error(e), ", cancelling ", asyncio.current_task().cancelling())
        await turns(2)
        log("undisturbed")

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    log(task.cancel("first"), ", cancelling ", task.cancelling())
    await task

    # The second request finds the future cancelled already: still one delivery.
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    log(task.cancel("first"), " ", task.cancel("second"), ", cancelling ", task.cancelling())
    await task

    # The same for a task that sleeps.
    async def sleeps():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log(error(e), ", cancelling ", asyncio.current_task().cancelling())
        await turns(2)
        log("undisturbed")

    task = asyncio.create_task(sleeps())
    await asyncio.sleep(0)
    log(task.cancel("first"), " ", task.cancel("second"), ", cancelling ", task.cancelling())
    await task
    log("cancelled ", task.cancelled())


run(main)

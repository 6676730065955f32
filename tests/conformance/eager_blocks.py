# EAG-03: an eager task that suspends becomes an ordinary one; a cancel right after its creation reaches what it awaits.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def work():
        log("starts")
        await asyncio.sleep(0)
        log("goes on")
        await asyncio.sleep(0)
        return 5

    loop.call_soon(log, "callback")
    task = asyncio.create_task(work())
    log("created, done ", task.done(), ", listed ", task in asyncio.all_tasks())
    log(await task)

    async def waits(future):
        try:
            return await future
        except asyncio.CancelledError as e:
            log("inside ", error(e))
            raise

    task = asyncio.create_task(waits(loop.create_future()))
    log("cancel ", task.cancel("early"))
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e), ", cancelled ", task.cancelled())

    future = loop.create_future()
    task = asyncio.create_task(waits(future))
    future.set_result("value")
    log("done ", task.done())
    await turns(1)
    log("done ", task.done(), ", ", task.result())


run(main)

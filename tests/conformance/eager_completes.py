# EAG-01, EAG-02, EAG-04: an eager task runs at its creation; one that does not suspend is done on return.
import asyncio
from scenario import error, log, run, turns


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)

    async def returns():
        log("runs")
        return 5

    async def fails():
        raise ValueError("eager")

    log("before")
    task = asyncio.create_task(returns())
    log("done ", task.done(), ", listed ", task in asyncio.all_tasks())
    log("cancel ", task.cancel(), ", result ", task.result())
    task.add_done_callback(lambda t: log("callback, never inline"))
    log(await task)
    await turns(1)

    task = asyncio.create_task(fails())
    log("done ", task.done(), ", ", error(task.exception()))
    try:
        await task
    except ValueError as e:
        log(error(e))

    async def cancels():
        raise asyncio.CancelledError

    task = asyncio.create_task(cancels())
    log("done ", task.done(), ", cancelled ", task.cancelled())


run(main)

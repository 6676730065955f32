# SHD-03, SHD-04: the inner outlives the cancellation of the outer; its later result is ignored by the outer.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def inner():
        await turns(5)
        log("inner ends")
        return "result"

    work = asyncio.create_task(inner())

    async def waits():
        await asyncio.shield(work)

    task = asyncio.create_task(waits())
    await turns(2)
    task.cancel("outer only")
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e), ", inner done ", work.done(), ", cancelling ", work.cancelling())
    log(await work)

    future = asyncio.get_running_loop().create_future()
    outer = asyncio.shield(future)
    outer.add_done_callback(lambda f: log("outer done, cancelled ", f.cancelled()))
    log("cancel ", outer.cancel(), ", inner done ", future.done())
    await asyncio.sleep(0)
    future.set_result(3)
    await turns(2)
    log("outer cancelled ", outer.cancelled(), ", inner ", future.result())


run(main)

# GAT-09, GAT-08: if all children are done, cancel() returns false and the results are delivered; an empty one cannot be cancelled.
import asyncio
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    a, b = loop.create_future(), loop.create_future()
    both = asyncio.gather(a, b)
    a.set_result(1)
    b.set_result(2)
    log("done ", both.done(), ", cancel ", both.cancel())
    log(await both)
    log("cancel ", both.cancel())

    # A child that ignores the cancellation: the gather raises it at the end all the same.
    async def ignores():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            log("ignored")
        return 3

    both = asyncio.gather(ignores())
    await asyncio.sleep(0)
    log("cancel ", both.cancel())
    try:
        log(await both)
    except asyncio.CancelledError as e:
        log(error(e))


run(main)

# CAN-12: the message reaches whoever sees the cancellation.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def waits():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("inside: ", error(e))
            raise

    async def middle():
        await asyncio.create_task(waits())

    async def attempt(what, awaitable):
        try:
            await awaitable
        except asyncio.CancelledError as e:
            log(what, ": ", error(e))

    task = asyncio.create_task(middle())
    await turns(2)
    task.cancel("why")
    await attempt("through a task", task)

    future = asyncio.get_running_loop().create_future()
    future.cancel("stored")
    try:
        future.result()
    except asyncio.CancelledError as e:
        log("result: ", error(e))
    try:
        future.exception()
    except asyncio.CancelledError as e:
        log("exception: ", error(e))

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    await attempt("no message", task)

    future = asyncio.get_running_loop().create_future()
    log(future.cancel("of a future"), " ", future.cancel("too late"))
    await attempt("future", future)

    both = asyncio.gather(waits(), waits())
    await asyncio.sleep(0)
    both.cancel("gather's")
    await attempt("gather", both)
    both = asyncio.gather(waits(), waits(), return_exceptions=True)
    await asyncio.sleep(0)
    both.cancel("outcomes'")
    await attempt("gather of outcomes", both)

    task = asyncio.create_task(asyncio.wait_for(waits(), 3600))
    await asyncio.sleep(0)
    task.cancel("wait_for's")
    await attempt("wait_for", task)


run(main)

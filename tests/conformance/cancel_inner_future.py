# CAN-17, CORO-03: who awaits a future that others cancel gets CancelledError, though nobody cancelled him.
import asyncio
from scenario import error, log, run, turns


async def main():
    future = asyncio.get_running_loop().create_future()

    async def waiter(name):
        try:
            await future
        except asyncio.CancelledError as e:
            log(name, " ", error(e), ", cancelling ", asyncio.current_task().cancelling())
            raise

    a = asyncio.create_task(waiter("a"))
    b = asyncio.create_task(waiter("b"))
    await asyncio.sleep(0)
    future.cancel("the future's")
    await turns(2)
    log(a.cancelled(), " ", a.cancelling(), " ", b.cancelled(), " ", b.cancelling())

    # Both the future and the task: still one CancelledError.
    future = asyncio.get_running_loop().create_future()
    c = asyncio.create_task(waiter("c"))
    await asyncio.sleep(0)
    log(future.cancel("inner"), " ", c.cancel("outer"))
    await turns(2)
    log(c.cancelled(), " ", c.cancelling())


run(main)

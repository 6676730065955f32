# CAN-08: cancelling a task that awaits a task cancels that one, and everybody else who awaits it.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    async def child():
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError as e:
            log("child ", error(e))
            raise

    shared = asyncio.create_task(child())

    async def waiter(who):
        try:
            await shared
        except asyncio.CancelledError as e:
            log(who, " ", name(e), ", cancelling ", asyncio.current_task().cancelling())
            raise

    a = asyncio.create_task(waiter("a"))
    b = asyncio.create_task(waiter("b"))
    await turns(2)
    a.cancel("from main")
    await turns(4)
    log(shared.cancelled(), " ", a.cancelled(), " ", b.cancelled())
    log(shared.cancelling(), " ", a.cancelling(), " ", b.cancelling())


run(main)

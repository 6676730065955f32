# RUN-01, RUN-02: run() returns the value or raises the error; it takes coroutines and futures; each call has a loop of its own.
import asyncio
from scenario import error, log


async def returns():
    await asyncio.sleep(0)
    return 42


async def fails():
    raise ValueError("from main")


async def cancelled():
    asyncio.current_task().cancel("myself")
    await asyncio.sleep(0)


class Awaitable:
    def __await__(self):
        yield from returns().__await__()
        return 43


def outside():
    try:
        asyncio.get_running_loop()
    except RuntimeError as e:
        log(error(e))


outside()
log(asyncio.run(returns()))
for main in fails, cancelled:
    try:
        asyncio.run(main())
    except BaseException as e:
        log(error(e))
log(asyncio.run(Awaitable()))
outside()

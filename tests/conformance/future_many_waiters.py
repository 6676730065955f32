# CORO-03: a future may be awaited many times, by many; each gets the value or the error.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()

    async def waiter(who, future):
        try:
            log(who, ": ", await future)
            log(who, " again: ", await future)
        except ValueError as e:
            log(who, ": ", error(e))

    for fails in False, True:
        future = loop.create_future()
        tasks = [asyncio.create_task(waiter(who, future)) for who in "abc"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        # Cancelling a waiter cancels the future it waits for, hence all of them.
        await turns(3)
        log([t.cancelled() for t in tasks], " ", future.cancelled())

        future = loop.create_future()
        tasks = [asyncio.create_task(waiter(who, future)) for who in "abc"]
        await asyncio.sleep(0)
        if fails:
            future.set_exception(ValueError("shared"))
        else:
            future.set_result(7)
        await turns(3)
        await waiter("late", future)


run(main)

# TGR-08, TGR-09: the error of the body cancels the children and joins theirs, which come first in completion order.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def fails_in_cleanup(text, n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await turns(n)
            raise RuntimeError(text)

    async def obeys():
        await asyncio.sleep(3600)

    try:
        async with asyncio.TaskGroup() as tg:
            child = tg.create_task(obeys())
            await asyncio.sleep(0)
            raise ValueError("body")
    except ExceptionGroup as e:
        log(error(e), ", child cancelled ", child.cancelled())

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails_in_cleanup("slow", 4))
            tg.create_task(fails_in_cleanup("fast", 2))
            await asyncio.sleep(0)
            raise ValueError("body")
    except ExceptionGroup as e:
        log(error(e))
    log("cancelling ", asyncio.current_task().cancelling())


run(main)

# TGR-06, TGR-09: children that fail while the group drains join the error; a child cancelled by the group does not.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def cleanup_fails(text, n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await turns(n)
            log(text)
            raise ValueError(text)

    async def ignores(n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await turns(n)
            log("ignores the cancellation")
            return "value"

    async def fails(text, n):
        await turns(n)
        log(text)
        raise ValueError(text)

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(cleanup_fails("third", 5))
            tg.create_task(cleanup_fails("second", 3))
            task = tg.create_task(ignores(7))
            tg.create_task(fails("first", 2))
    except ExceptionGroup as e:
        log(error(e), ", ", task.result())


run(main)

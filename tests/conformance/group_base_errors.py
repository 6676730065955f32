# TGR-09, TGR-10: what is no Exception makes a BaseExceptionGroup; SystemExit and KeyboardInterrupt leave bare.
import asyncio
from scenario import log, name, run, turns


class Custom(BaseException):
    pass


async def main():
    async def sibling():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await turns(2)
            log("sibling ends")
            raise

    async def fails(e):
        raise e

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling())
            tg.create_task(fails(ValueError("plain")))
            tg.create_task(fails(Custom("base")))
    except BaseException as e:
        log(name(e), " of ", ", ".join([name(x) for x in e.exceptions]))

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(sibling())
            await asyncio.sleep(0)
            raise Custom("body")
    except BaseException as e:
        log(name(e), " of ", ", ".join([name(x) for x in e.exceptions]))

    for bare in KeyboardInterrupt(), SystemExit(3):
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(sibling())
                await asyncio.sleep(0)
                raise bare
        except BaseException as e:
            log(name(e))


run(main)

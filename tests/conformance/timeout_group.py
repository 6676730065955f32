# TGR-20, TGR-20, TGR-11: a timeout around a group, with children that obey and children that fail.
import asyncio
from scenario import error, log, name, run


async def main():
    async def obeys():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("child ", name(e))
            raise

    async def fails():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise ValueError("in clean-up")

    for child in obeys, fails:
        try:
            async with asyncio.timeout(0):
                async with asyncio.TaskGroup() as tg:
                    tg.create_task(child())
                    await asyncio.sleep(0)
                    await asyncio.sleep(3600)
        except BaseException as e:
            log(name(e) if isinstance(e, TimeoutError) else error(e))
        log("cancelling ", asyncio.current_task().cancelling())
        await asyncio.sleep(0)


run(main)

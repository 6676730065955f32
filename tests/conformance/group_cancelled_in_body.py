# TGR-11: cancelling the parent in the body cancels the children; CancelledError propagates unless a child fails.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    async def obeys():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            await turns(2)
            log("child ", name(e))
            raise

    async def fails():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise ValueError("in clean-up")

    async def parent(child):
        task = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(child)
                try:
                    await asyncio.sleep(3600)
                finally:
                    log("body ends")
        except BaseException as e:
            log(error(e), ", cancelling ", task.cancelling())
            raise

    for child in obeys, fails:
        task = asyncio.create_task(parent(child()))
        await turns(2)
        task.cancel("stop")
        try:
            await task
        except BaseException as e:
            log("main ", name(e), ", cancelled ", task.cancelled())


run(main)

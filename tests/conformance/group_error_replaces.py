# TGR-16: a body that answers the group's cancellation with an error of its own does not unbalance the count.
import asyncio
from scenario import error, log, run


async def main():
    async def fails():
        raise ValueError("child")

    task = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails())
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                raise RuntimeError("body")
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("not interrupted")

    class Scope:
        """An inner scope whose exit replaces the cancellation."""

        async def __aenter__(self):
            return self

        async def __aexit__(self, *exc):
            raise RuntimeError("inner scope")

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails())
            async with Scope():
                await asyncio.sleep(3600)
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("not interrupted")


run(main)

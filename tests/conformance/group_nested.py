# TGR-13, TGR-15: nested groups: an outer failure passes through the inner group; if both fail each raises its own.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    async def fails(text, n):
        await turns(n)
        raise ValueError(text)

    async def work(inner_fails):
        task = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as outer:
                outer.create_task(fails("outer", 2))
                try:
                    async with asyncio.TaskGroup() as inner:
                        if inner_fails:
                            inner.create_task(fails("inner", 2))
                        await asyncio.sleep(3600)
                except BaseException as e:
                    log("inner ", error(e) if isinstance(e, Exception) else name(e), ", cancelling ", task.cancelling())
                    raise
        except BaseException as e:
            log("outer ", error(e), ", cancelling ", task.cancelling())
        await asyncio.sleep(0)
        log("not interrupted")

    await asyncio.create_task(work(False))
    await asyncio.create_task(work(True))

    # The inner group handles its failure, then the outer body goes on.
    async with asyncio.TaskGroup() as outer:
        survivor = outer.create_task(turns(8))
        try:
            async with asyncio.TaskGroup() as inner:
                inner.create_task(fails("inner only", 1))
                await asyncio.sleep(3600)
        except ExceptionGroup as e:
            log(error(e))
        await asyncio.sleep(0)
        log("outer goes on")
    log("survivor cancelled ", survivor.cancelled())


run(main)

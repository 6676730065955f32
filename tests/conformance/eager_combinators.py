# EAG-08, EAG-09: gather of finished children is done at once; a failing eager child cancels the group's body at its next await.
import asyncio
from scenario import error, log, name, run


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)

    async def value(n):
        return n

    async def fails():
        raise ValueError("eager child")

    both = asyncio.gather(value(1), value(2))
    log("done ", both.done(), ", ", both.result())
    log("wait_for ", await asyncio.wait_for(value(3), 3600))
    log("shield ", await asyncio.shield(value(4)))

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails())
            log("the body goes on")
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as e:
                log("body ", name(e))
                raise
    except ExceptionGroup as e:
        log(error(e), ", cancelling ", asyncio.current_task().cancelling())


run(main)

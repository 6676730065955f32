# TASK-18: current_task() is the task whose step runs, none in a callback, and restored between interleaving tasks.
import asyncio
from scenario import log, run, turns


async def main():
    def current():
        task = asyncio.current_task()
        return task.get_name() if task else "none"

    async def work(who):
        for _ in range(3):
            log(who, " in ", current())
            await asyncio.sleep(0)
        await inner(who)

    async def inner(who):
        log(who, " awaited in ", current())

    asyncio.current_task().set_name("main")
    a = asyncio.create_task(work("a"), name="task a")
    b = asyncio.create_task(work("b"), name="task b")
    asyncio.get_running_loop().call_soon(lambda: log("callback in ", current()))
    a.add_done_callback(lambda t: log("done callback in ", current()))
    log("main in ", current())
    await a
    await b
    await inner("main")
    log("main in ", current())
    log("the same: ", await asyncio.create_task(same(), name="x"))


async def same():
    first = asyncio.current_task()
    await turns(2)
    return first is asyncio.current_task()


run(main)

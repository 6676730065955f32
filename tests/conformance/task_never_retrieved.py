# TASK-12: the error of a task is reported when its last handle goes, unless somebody saw it.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))

    async def fails(text):
        raise ValueError(text)

    async def cancelled():
        raise asyncio.CancelledError

    task = asyncio.create_task(fails("held, never looked at"))
    await turns(3)
    log("done ", task.done(), ", nothing reported while a handle is left")
    del task
    log("handle dropped")

    asyncio.create_task(fails("nobody holds it"))
    await turns(3)

    task = asyncio.create_task(fails("seen"))
    await turns(2)
    log(error(task.exception()))
    del task

    task = asyncio.create_task(cancelled())
    await turns(2)
    del task
    log("a cancellation is not reported")
    await turns(2)


run(main)

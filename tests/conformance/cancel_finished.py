# CAN-01, TASK-12: cancel() on a finished task returns false, and marks a stored error as retrieved.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))

    async def returns():
        return 1

    async def fails(what):
        raise ValueError(what)

    task = asyncio.create_task(returns())
    await turns(2)
    log("cancel ", task.cancel(), ", cancelled ", task.cancelled(), ", result ", task.result())
    task = asyncio.create_task(fails("silenced by cancel"))
    await turns(2)
    log("cancel ", task.cancel(), ", done ", task.done())
    del task
    task = asyncio.create_task(fails("nobody looked"))
    await turns(2)
    del task
    log("end")


run(main)

# EAG-05, EAG-06, CTX-09: the eager step runs in the task's own context, as the current task; both are restored.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("var", default="unset")


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    asyncio.current_task().set_name("main")
    var.set("of main")

    async def work():
        log(asyncio.current_task().get_name(), ": ", var.get())
        var.set("of the task")
        inner = asyncio.create_task(nested(), name="nested")
        log(asyncio.current_task().get_name(), ": ", var.get())
        await inner
        await asyncio.sleep(0)
        log(asyncio.current_task().get_name(), ": ", var.get())

    async def nested():
        log(asyncio.current_task().get_name(), ": ", var.get())
        var.set("of the nested one")

    task = asyncio.create_task(work(), name="eager")
    log(asyncio.current_task().get_name(), ": ", var.get())
    await task
    log(asyncio.current_task().get_name(), ": ", var.get())


run(main)

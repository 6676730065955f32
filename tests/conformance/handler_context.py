# EXH-06, CTX-08: the handler runs in the context of the task or the callback concerned.
import asyncio
import contextvars
from scenario import error, log, run, turns

var = contextvars.ContextVar("var", default="unset")


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler sees ", var.get(), ": ", error(c["exception"])))

    async def work():
        var.set("of the task")
        raise ValueError("task")

    def fails():
        var.set("of the callback")
        raise ValueError("callback")

    var.set("of main")
    task = asyncio.create_task(work())
    await turns(2)
    var.set("of main, later")
    del task
    loop.call_soon(fails)
    await turns(2)
    log("main sees ", var.get())


run(main)

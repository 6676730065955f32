# THR-01, CTX-06: to_thread copies the context, run_in_executor does not.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("thread_var", default="unset")


async def main():
    def changes():
        before = var.get()
        var.set("of the thread")
        return before

    var.set("of main")
    log("the thread sees ", await asyncio.to_thread(changes))
    log("main sees ", var.get())
    log("the next one sees ", await asyncio.to_thread(var.get))
    loop = asyncio.get_running_loop()
    log("run_in_executor sees ", await loop.run_in_executor(None, var.get))


run(main)

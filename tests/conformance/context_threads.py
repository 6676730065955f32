# CTX-06: to_thread() takes a copy of the context along, run_in_executor() does not; changes stay there.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("var", default="unset")


def look():
    seen = var.get()
    var.set("of thread")
    return seen


async def main():
    loop = asyncio.get_running_loop()
    var.set("of main")
    log("to_thread sees ", await asyncio.to_thread(look))
    log("main sees ", var.get())
    log("run_in_executor sees ", await loop.run_in_executor(None, var.get))
    log("main sees ", var.get())


run(main)

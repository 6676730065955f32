# CTX-03, CTX-10, TASK-08: an explicit context is used itself, not copied; successive tasks see each other's changes.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("var", default="unset")


async def main():
    var.set("of main")
    context = contextvars.copy_context()
    var.set("changed by main")

    async def work(who):
        log(who, " sees ", var.get())
        await asyncio.sleep(0)
        var.set("of " + who)

    await asyncio.create_task(work("a"), context=context)
    await asyncio.create_task(work("b"), context=context)
    log("in the context: ", context.run(var.get))
    log("main sees ", var.get())
    context.run(lambda: var.set("by run"))
    log("in the context: ", context.run(var.get), "; main sees ", var.get())

    async with asyncio.TaskGroup() as tg:
        tg.create_task(work("child"), context=context)
    log("in the context: ", context.run(var.get))


run(main)

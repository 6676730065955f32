# CTX-01: the combinators make tasks: each has a copy; timeout() makes none and shares.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("var", default="unset")


async def work(who):
    log(who, " sees ", var.get())
    var.set("of " + who)
    await asyncio.sleep(0)
    log(who, " sees ", var.get())


async def main():
    var.set("of main")
    await asyncio.gather(work("a"), work("b"))
    log("main sees ", var.get())
    await asyncio.shield(work("shielded"))
    log("main sees ", var.get())
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work("child"))
        var.set("of the body")
    log("main sees ", var.get())
    async with asyncio.timeout(3600):
        await work("scope")
    log("main sees ", var.get())


run(main)

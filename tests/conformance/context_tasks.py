# CTX-01, CTX-02, TASK-08: a task gets a copy of its creator's context at its creation; an awaited coroutine shares the caller's.
import asyncio
import contextvars
from scenario import log, run, turns

var = contextvars.ContextVar("var", default="unset")


async def main():
    log(var.get())

    async def task(who):
        log(who, " sees ", var.get())
        var.set("of " + who)
        await asyncio.sleep(0)
        log(who, " sees ", var.get())

    async def coroutine():
        log("coroutine sees ", var.get())
        var.set("of coroutine")

    var.set("first")
    a = asyncio.create_task(task("a"))
    var.set("second")
    b = asyncio.create_task(task("b"))
    var.set("third")
    await a
    await b
    log("main sees ", var.get())
    await coroutine()
    log("main sees ", var.get())

    async def own(n):
        var.set(str(n))
        await turns(n % 5)
        return var.get() == str(n)

    log("a hundred tasks keep their own: ", all(await asyncio.gather(*[own(n) for n in range(100)])))

    token = var.set("for a while")
    log("main sees ", var.get())
    var.reset(token)
    log("main sees ", var.get())


run(main)

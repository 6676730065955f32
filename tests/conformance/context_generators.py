# CTX-02: a generator runs in the context of who takes the step; what it sets is seen there.
import asyncio
import contextvars
from scenario import log, run

var = contextvars.ContextVar("var", default="unset")


async def generator():
    for i in range(3):
        log("generator sees ", var.get())
        var.set("of generator " + str(i))
        await asyncio.sleep(0)
        yield i


async def main():
    var.set("of main")
    values = generator()
    await anext(values)
    log("main sees ", var.get())

    async def step():
        var.set("of task")
        await anext(values)
        log("task sees ", var.get())

    await asyncio.create_task(step())
    log("main sees ", var.get())
    await anext(values)
    log("main sees ", var.get())


run(main)

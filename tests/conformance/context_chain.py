# CTX-05: call_soon_threadsafe() keeps the context of its caller; a task made by a callback gets the callback's.
import asyncio
import contextvars
from scenario import log, run, turns

var = contextvars.ContextVar("var", default="unset")


async def task():
    log("task sees ", var.get())
    var.set("of task")


def callback():
    log("callback sees ", var.get())
    var.set("of callback")
    asyncio.get_running_loop().call_soon(later)
    asyncio.create_task(task())
    var.set("after that")


def later():
    log("later sees ", var.get())


async def main():
    loop = asyncio.get_running_loop()
    var.set("of main")
    loop.call_soon_threadsafe(callback)
    var.set("changed")
    await turns(4)
    log("main sees ", var.get())


run(main)

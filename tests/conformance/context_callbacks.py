# CTX-04, CTX-05, FUT-08: callbacks run in the context of their registration, or in the one given; changes stay there.
import asyncio
import contextvars
from scenario import log, run, turns

var = contextvars.ContextVar("var", default="unset")


async def main():
    loop = asyncio.get_running_loop()

    def callback(what):
        log(what, " sees ", var.get())
        var.set("by " + what)

    var.set("one")
    future = loop.create_future()
    future.add_done_callback(lambda f: callback("done callback"))
    loop.call_soon(callback, "call_soon")
    loop.call_later(0, callback, "call_later")
    var.set("two")
    context = contextvars.copy_context()
    loop.call_soon(callback, "call_soon", context=context)
    var.set("three")
    future.set_result(None)
    await turns(3)
    log("main sees ", var.get(), "; in the context: ", context.run(var.get))


run(main)

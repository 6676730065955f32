# EXH-01, CBK-11, LOP-12: errors of callbacks reach the handler, and the loop goes on.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    loop = asyncio.get_running_loop()
    log("no handler: ", loop.get_exception_handler() is None)
    loop.set_exception_handler(
        lambda l, c: log("handler: ", l is loop, " ", c["message"].startswith("Exception in callback"), " ", error(c["exception"])))
    log("no handler: ", loop.get_exception_handler() is None)

    def fails(text):
        raise ValueError(text)

    loop.call_soon(fails, "soon")
    loop.call_soon(log, "the next callback runs")
    loop.call_later(0, fails, "later")
    await turns(3)

    loop.set_exception_handler(lambda l, c: log("another: ", c["message"], " ", name(c["exception"]) if "exception" in c else "none"))
    loop.call_exception_handler({"message": "called by hand"})
    loop.call_exception_handler({"message": "with an error", "exception": ValueError("x")})
    loop.set_exception_handler(None)
    log("no handler: ", loop.get_exception_handler() is None)


run(main)

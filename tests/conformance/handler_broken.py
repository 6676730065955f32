# EXH-04: a handler that fails does not stop the loop, and is called again for the next error.
import asyncio
import logging
from scenario import log, run, turns

logging.getLogger("asyncio").disabled = True


async def main():
    loop = asyncio.get_running_loop()

    def broken(loop, context):
        log("broken handler called")
        raise RuntimeError("in the handler")

    def fails():
        raise ValueError("in a callback")

    loop.set_exception_handler(broken)
    loop.call_soon(fails)
    loop.call_soon(log, "the next callback runs")
    await turns(2)
    loop.call_soon(fails)
    await turns(2)
    log("end")


run(main)

# FUT-10, EXH-01: a done callback that fails is reported; the others run.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda loop, c: log("handler: ", c["message"].startswith("Exception in callback"), " ", error(c["exception"])))

    def fails(f):
        raise ValueError("in a callback")

    future = loop.create_future()
    future.add_done_callback(lambda f: log("before"))
    future.add_done_callback(fails)
    future.add_done_callback(lambda f: log("after"))
    future.set_result(None)
    await turns(2)


run(main)

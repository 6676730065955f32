# SHD-05: an inner error after the outer's cancellation is silent, retrievable, and reported once when the inner goes unread.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))

    for read in True, False:
        inner = loop.create_future()
        outer = asyncio.shield(inner)
        outer.cancel()
        await asyncio.sleep(0)
        inner.set_exception(ValueError("late"))
        await turns(2)
        log("nothing reported yet")
        if read:
            log(error(inner.exception()))
        del inner, outer
        await turns(2)
    log("end")


run(main)

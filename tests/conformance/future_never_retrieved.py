# FUT-11: an error nobody asked for is reported when the last owner goes; asking, awaiting or cancelling marks it as seen.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))

    def failed(text):
        future = loop.create_future()
        future.set_exception(ValueError(text))
        return future

    future = failed("unread")
    copy = future
    del future
    log("one owner left")
    del copy
    await turns(2)

    future = failed("read by exception()")
    future.exception()
    del future

    future = failed("read by result()")
    try:
        future.result()
    except ValueError as e:
        log(error(e))
    del future

    future = failed("awaited")
    try:
        await future
    except ValueError as e:
        log(error(e))
    del future

    future = failed("cancelled afterwards")
    log("cancel ", future.cancel())
    del future

    future = loop.create_future()
    future.set_result("an unread result is silent")
    del future

    async def waiter(future):
        try:
            await future
        except ValueError as e:
            log(error(e))

    future = loop.create_future()
    task = asyncio.create_task(waiter(future))
    await asyncio.sleep(0)
    future.set_exception(ValueError("for a waiter"))
    del future
    await task
    del task
    await turns(2)
    log("end")


run(main)

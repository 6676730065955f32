# THR-01: a function runs on another thread, once, and its value or exception comes back.
import asyncio
import threading
from scenario import error, log, run


async def main():
    here = threading.get_ident()
    calls = []

    def where():
        calls.append("call")
        return threading.get_ident()

    log("on another thread: ", await asyncio.to_thread(where) != here)
    log("calls: ", len(calls))
    log("sum: ", await asyncio.to_thread(lambda a, b: a + b, 20, 22))

    def fails():
        raise ValueError("from the thread")

    try:
        await asyncio.to_thread(fails)
    except ValueError as e:
        log(error(e))
    unawaited = asyncio.to_thread(where)
    await asyncio.sleep(0)
    log("calls before the await: ", len(calls))
    await unawaited
    log("calls after it: ", len(calls))


run(main)

# SRD-02, SRD-10: after set_exception every read raises it; a waiter is woken with it; two waiters at a time are refused.
import asyncio
from scenario import error, log, name, run, shown


async def main():
    reader = asyncio.StreamReader()

    async def reads(who):
        try:
            log(who, " ", shown(await reader.read(10)))
        except ValueError as e:
            log(who, " ", error(e))
        except (RuntimeError, asyncio.CancelledError) as e:
            log(who, " ", name(e))

    first = asyncio.create_task(reads("first"))
    await asyncio.sleep(0)
    await reads("second")
    reader.feed_data(b"for one")
    await first

    task = asyncio.create_task(reads("waiter"))
    await asyncio.sleep(0)
    log("exception is set: ", reader.exception() is not None)
    reader.set_exception(ValueError("broken"))
    await task
    log("exception is set: ", reader.exception() is not None)
    reader.feed_data(b"more")
    await reads("later")
    try:
        await reader.readline()
    except ValueError as e:
        log("readline ", error(e))
    try:
        await reader.readexactly(2)
    except ValueError as e:
        log("readexactly ", error(e))
    try:
        await reader.readuntil(b";")
    except ValueError as e:
        log("readuntil ", error(e))

    reader = asyncio.StreamReader()
    task = asyncio.create_task(reads("cancelled"))
    await asyncio.sleep(0)
    task.cancel()
    reader.set_exception(ValueError("after the cancel"))
    await task
    await reads("after")


run(main)

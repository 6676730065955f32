# SRD-12: cancelling a read loses nothing, not even bytes that arrive in the same turn.
import asyncio
from scenario import log, name, run, shown, turns


async def main():
    reader = asyncio.StreamReader()

    async def attempt(what, awaitable):
        try:
            log(what, " ", shown(await awaitable))
        except asyncio.CancelledError as e:
            log(what, " ", name(e))

    task = asyncio.create_task(attempt("read", reader.read(10)))
    await asyncio.sleep(0)
    task.cancel()
    await task
    reader.feed_data(b"one")
    await attempt("then", reader.read(10))

    task = asyncio.create_task(attempt("read", reader.read(10)))
    await asyncio.sleep(0)
    reader.feed_data(b"two")
    task.cancel()
    await task
    await attempt("then", reader.read(10))

    task = asyncio.create_task(attempt("readexactly", reader.readexactly(4)))
    await asyncio.sleep(0)
    reader.feed_data(b"thr")
    await turns(2)
    reader.feed_data(b"ee")
    task.cancel()
    await task
    await attempt("then", reader.readexactly(5))

    task = asyncio.create_task(attempt("readline", reader.readline()))
    await asyncio.sleep(0)
    reader.feed_data(b"a li")
    await turns(2)
    task.cancel()
    await task
    reader.feed_data(b"ne\n")
    await attempt("then", reader.readline())

    try:
        await asyncio.wait_for(reader.read(10), 0)
    except TimeoutError as e:
        log(name(e))
    reader.feed_data(b"four")
    log("at last ", shown(await asyncio.wait_for(reader.read(10), 3600)))


run(main)

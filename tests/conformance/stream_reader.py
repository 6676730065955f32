# SRD-01, SRD-03, SRD-09, SRD-11, SRD-14: a reader made by hand and fed: read() and at_eof().
import asyncio
from scenario import log, name, run, shown, turns


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"")
    reader.feed_data(b"hello ")
    reader.feed_data(b"world")
    log(shown(await reader.read(0)), " ", shown(await reader.read(5)), " ", shown(await reader.read(100)))

    async def reads(n):
        log("read ", shown(await reader.read(n)), ", at_eof ", reader.at_eof())

    task = asyncio.create_task(reads(3))
    await turns(2)
    log("waits, done ", task.done())
    reader.feed_data(b"abcdef")
    await task
    reader.feed_eof()
    log("at_eof ", reader.at_eof(), ", read(0) ", shown(await reader.read(0)))
    await reads(2)
    await reads(2)
    await reads(2)
    await reads(0)

    reader = asyncio.StreamReader()
    task = asyncio.create_task(reads(-1))
    for chunk in b"one", b"two", b"three":
        await turns(2)
        reader.feed_data(chunk)
    await turns(2)
    log("waits for the end, done ", task.done())
    reader.feed_eof()
    await task
    try:
        asyncio.StreamReader(0)
    except ValueError as e:
        log(name(e))


run(main)

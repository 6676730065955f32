# SRD-05, EXC-05: exactly n bytes, or IncompleteReadError with what there was.
import asyncio
from scenario import error, log, run, shown, turns


async def main():
    reader = asyncio.StreamReader(limit=4)
    log(shown(await reader.readexactly(0)))

    async def reads(n):
        try:
            log("got ", shown(await reader.readexactly(n)))
        except asyncio.IncompleteReadError as e:
            log(error(e), ", partial ", shown(e.partial), ", expected ", e.expected)

    task = asyncio.create_task(reads(10))
    for chunk in b"0123", b"4567", b"89ab":
        await turns(2)
        log("done ", task.done())
        reader.feed_data(chunk)
    await task
    await reads(1)
    task = asyncio.create_task(reads(5))
    await turns(2)
    reader.feed_eof()
    await task
    log("at_eof ", reader.at_eof())
    await reads(2)
    await reads(0)


run(main)

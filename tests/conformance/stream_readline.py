# SRD-04, SRD-13: lines, the last one without its end, then nothing; and the same by iteration.
import asyncio
from scenario import log, run, shown, turns


def fed():
    reader = asyncio.StreamReader()
    reader.feed_data(b"first\nsecond\r\n\nfour")
    reader.feed_data(b"th\nrest")
    reader.feed_eof()
    return reader


async def main():
    reader = fed()
    for _ in range(6):
        log(shown(await reader.readline()))

    async for line in fed():
        log("line ", shown(line))

    reader = asyncio.StreamReader()

    async def reads():
        log("got ", shown(await reader.readline()))

    task = asyncio.create_task(reads())
    for chunk in b"in ", b"three ", b"parts\nand more":
        await turns(2)
        log("done ", task.done())
        reader.feed_data(chunk)
    await task
    log("left ", shown(await reader.read(100)))


run(main)

# SRD-04, SRD-01: a line over the limit: ValueError; a line whose end is there goes whole, otherwise the buffer is cleared.
import asyncio
from scenario import log, name, run, shown


async def main():
    async def reads(reader):
        try:
            log("got ", shown(await reader.readline()))
        except ValueError as e:
            log(name(e))

    reader = asyncio.StreamReader(limit=4)
    reader.feed_data(b"1234\n")
    await reads(reader)
    reader.feed_data(b"12345\nnext\n")
    await reads(reader)
    await reads(reader)
    reader.feed_data(b"123456")
    await reads(reader)
    reader.feed_data(b"78\n")
    await reads(reader)
    reader.feed_data(b"1\n2\n")
    reader.feed_eof()
    await reads(reader)
    await reads(reader)
    await reads(reader)


run(main)

# SRD-07, EXC-06: a chunk over the limit: LimitOverrunError, the data stays and can be read otherwise.
import asyncio
from scenario import log, name, run, shown


async def main():
    async def reads(reader, separator):
        try:
            log("got ", shown(await reader.readuntil(separator)))
        except asyncio.LimitOverrunError as e:
            log(name(e), ", not found ", "not found" in str(e), ", consumed ", e.consumed)

    reader = asyncio.StreamReader(limit=4)
    reader.feed_data(b"1234AA567")
    await reads(reader, b"AA")
    await reads(reader, b"7")

    reader = asyncio.StreamReader(limit=4)
    reader.feed_data(b"123456")
    await reads(reader, b"AA")
    reader.feed_data(b"AA78")
    await reads(reader, b"AA")
    await reads(reader, b"AA")
    log("by other means ", shown(await reader.readexactly(8)))
    reader.feed_data(b"AA")
    await reads(reader, b"AA")

    # The separator begins beyond the limit; the end of the first match counts among several.
    reader = asyncio.StreamReader(limit=3)
    reader.feed_data(b"some,data;")
    await reads(reader, (b"a;", b","))
    log("left ", shown(await reader.read(100)))
    reader.feed_data(b"abc,")
    await reads(reader, (b";", b","))

    # A separator that may still be in the making does not count as consumed.
    reader = asyncio.StreamReader(limit=4)
    reader.feed_data(b"123456<en")
    await reads(reader, b"<end>")


run(main)

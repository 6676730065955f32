# SRD-06, SRD-08, SRD-09: up to and with a separator, also one split over chunks; of several the earliest end wins.
import asyncio
from scenario import error, log, run, shown, turns


async def main():
    reader = asyncio.StreamReader()

    async def reads(separator):
        try:
            log("got ", shown(await reader.readuntil(separator)))
        except asyncio.IncompleteReadError as e:
            log(error(e), ", partial ", shown(e.partial), ", expected ", e.expected)

    reader.feed_data(b"head||tail")
    await reads(b"||")
    log("left ", shown(await reader.read(100)))

    task = asyncio.create_task(reads(b"<end>"))
    for chunk in b"some<en", b"no<e", b"nd", b">rest":
        await turns(2)
        log("done ", task.done())
        reader.feed_data(chunk)
    await task
    await turns(1)
    reader.feed_data(b"\n")
    await reads(b"\n")

    reader.feed_data(b"a;b,c;d")
    await reads((b",", b";"))
    await reads((b";", b","))
    await reads((b"zz", b"b", b"c;d"))
    # The longer separator ends earlier.
    reader.feed_data(b"xxABCDyyE")
    await reads((b"E", b"ABCD"))
    # A separator that is a prefix of another wins, as it ends earlier.
    reader.feed_data(b"11\r\n22")
    await reads((b"\r\n", b"\r"))
    await reads((b"2",))
    reader.feed_eof()
    await reads(b"1")
    await reads(b"1")
    for wrong in b"", (), (b"",):
        try:
            await reader.readuntil(wrong)
        except ValueError:
            log("ValueError")


run(main)

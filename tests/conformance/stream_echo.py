# STR-01, STR-03, SRD-03, SRD-04, SRD-05, SWR-01, SWR-05, SWR-06: a conversation with a server of one's own.
import asyncio
from scenario import log, run, shown


async def main():
    async def handle(reader, writer):
        while line := await reader.readline():
            writer.write(b"echo: " + line)
            await writer.drain()
        writer.write(b"bye")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    log("serving ", server.is_serving())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for line in b"one\n", b"two\n":
        writer.write(line)
        log(shown(await reader.readline()))
    writer.writelines([b"thr", b"", b"ee\nfo", b"ur\n"])
    await writer.drain()
    log(shown(await reader.readuntil(b"e\n")))
    log(shown(await reader.readexactly(6)), " ", shown(await reader.readline()))
    writer.write(b"unfinished")
    log("can write eof ", writer.can_write_eof())
    writer.write_eof()
    log(shown(await reader.read()))
    log("at_eof ", reader.at_eof(), ", closing ", writer.is_closing())
    writer.close()
    log("closing ", writer.is_closing())
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    log("end")


run(main)

# SWR-07, STR-10: after write_eof() the peer sees the end and may still write; our own writes are refused.
import asyncio
from scenario import log, name, run, shown


async def main():
    async def handle(reader, writer):
        log("server got ", shown(await reader.read()))
        log("server at_eof ", reader.at_eof(), ", closing ", writer.is_closing())
        for part in b"still ", b"writing":
            writer.write(part)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"request")
    writer.write_eof()
    try:
        writer.write(b"more")
    except RuntimeError as e:
        log(name(e))
    log("client got ", shown(await reader.read()))
    log("client at_eof ", reader.at_eof(), ", read ", shown(await reader.read(10)))
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


run(main)

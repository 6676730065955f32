# SWR-02, SWR-05: writing to a closed writer is silent, drain() then raises; closing twice does nothing.
import asyncio
import logging
from scenario import log, name, run, shown

logging.getLogger("asyncio").disabled = True


async def main():
    async def handle(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"before")
    writer.close()
    writer.close()
    log("closing ", writer.is_closing())
    writer.write(b"after")
    try:
        await writer.drain()
        log("never")
    except ConnectionResetError as e:
        log(name(e))
    await writer.wait_closed()
    try:
        await writer.drain()
        log("never")
    except ConnectionResetError as e:
        log(name(e))
    log(shown(await reader.read()), ", at_eof ", reader.at_eof())
    server.close()
    await server.wait_closed()
    log("end")


run(main)

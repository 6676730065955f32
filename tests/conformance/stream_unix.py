# STR-02, STR-04: the same over a Unix socket.
import asyncio
import os
import tempfile
from scenario import log, name, quoted, run


async def main():
    async def handle(reader, writer):
        data = await reader.readexactly(4)
        writer.write(data[::-1])
        writer.close()
        await writer.wait_closed()

    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "socket")
        try:
            await asyncio.open_unix_connection(path)
        except FileNotFoundError as e:
            log(name(e))
        server = await asyncio.start_unix_server(handle, path)
        log("there ", os.path.exists(path))
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"abcd")
        log(quoted(await reader.read()))
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        log("there ", os.path.exists(path))


run(main)

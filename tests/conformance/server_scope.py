# SVR-13: leaving the scope of a server closes it and waits for its connections, also by an error.
import asyncio
from scenario import error, log, run


async def main():
    async def handle(reader, writer):
        line = await reader.readline()
        writer.write(line)
        await reader.read()
        writer.close()

    async def talk(server):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        writer.write(b"hello\n")
        log("got ", len(await reader.readline()))
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        log("serving ", server.is_serving())
        await talk(server)
    log("serving ", server.is_serving(), ", sockets ", len(server.sockets))

    other = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        async with other:
            await talk(other)
            raise ValueError("body")
    except ValueError as e:
        log(error(e), ", serving ", other.is_serving())


run(main)

# SVR-09: wait_closed() waits for connections, not for handlers: one that has closed its own goes on.
import asyncio
from scenario import log, run, shown


async def main():
    may_end = asyncio.get_running_loop().create_future()
    ended = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        writer.write(b"hello\n")
        writer.close()
        await writer.wait_closed()
        await may_end
        log("handler ends")
        ended.set_result(None)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    log("client ", shown(await reader.read()))
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    log("closed, handler done ", ended.done())
    may_end.set_result(None)
    await ended


run(main)

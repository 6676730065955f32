# SVR-10, STR-09: abort_clients() drops what was to be sent; the handler's read gives the end.
import asyncio
from scenario import log, run, shown


async def main():
    ended = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        writer.write(await reader.readline())
        data = await reader.read()
        log("handler ", shown(data), ", closing ", writer.is_closing(), ", at_eof ", reader.at_eof())
        ended.set_result(None)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"hello\n")
    log("client ", shown(await reader.readline()))
    server.close()
    waiting = asyncio.create_task(server.wait_closed())
    await asyncio.sleep(0)
    log("done ", waiting.done())
    server.abort_clients()
    await waiting
    await ended
    log("client ", shown(await reader.read()))
    writer.close()
    await writer.wait_closed()


run(main)

# STR-05, STR-06, STR-07: an error in the handler of a connection is reported, and the connection closed; a cancellation is not.
import asyncio
from scenario import error, log, run, shown


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))

    async def fails(reader, writer):
        await reader.readline()
        raise ValueError("coroutine")

    async def cancelled(reader, writer):
        await reader.readline()
        raise asyncio.CancelledError

    def plain(reader, writer):
        raise ValueError("plain function")

    for handle in fails, cancelled, plain:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        if handle is not plain:
            writer.write(b"go\n")
        log("client sees ", shown(await reader.read()))
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
    log("end")


run(main)

# SVR-08, SVR-09, SVR-10: close() stops listening only; wait_closed() waits for the last connection as well.
import asyncio
from scenario import log, name, run, shown, turns


async def main():
    async def handle(reader, writer):
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    log(shown(await reader.readline()))

    async def waits():
        await server.wait_closed()
        log("wait_closed is over")

    early = asyncio.create_task(waits())
    await turns(3)
    log("before close, done ", early.done())
    server.close()
    server.close()
    log("serving ", server.is_serving(), ", sockets ", len(server.sockets))
    late = asyncio.create_task(waits())
    await turns(3)
    log("a client is left, done ", early.done(), " ", late.done())
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError as e:
        log(name(e))
    writer.write(b"still there\n")
    log(shown(await reader.readline()))
    writer.write_eof()
    data = await reader.read()
    await early
    await late
    log("client sees ", shown(data))
    await server.wait_closed()
    writer.close()
    await writer.wait_closed()

    # close_clients() ends them from our side.
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"second\n")
    log(shown(await reader.readline()))
    server.close()
    server.close_clients()
    await server.wait_closed()
    log("client sees ", shown(await reader.read()))
    writer.close()
    await writer.wait_closed()


run(main)

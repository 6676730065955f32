# SVR-08, SVR-12: a handler closes its server: serve_forever() ends and takes the connections with it.
import asyncio
from scenario import log, name, run, shown


async def main():
    async def handle(reader, writer):
        line = await reader.readline()
        log("handler ", shown(line))
        server.close()
        log("handler: serving ", server.is_serving())
        writer.write(b"bye\n")

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def serves():
        try:
            await server.serve_forever()
        except asyncio.CancelledError as e:
            log("serve_forever ", name(e))
            raise

    serving = asyncio.create_task(serves())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"quit\n")
    log("client ", shown(await reader.read()))
    writer.close()
    await writer.wait_closed()
    try:
        await serving
    except asyncio.CancelledError:
        log("cancelled ", serving.cancelled())
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError as e:
        log(name(e))


run(main)

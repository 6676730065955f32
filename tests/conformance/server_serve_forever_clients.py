# SVR-12: serve_forever(), cancelled, closes the connections of clients that would stay for ever.
import asyncio
from scenario import log, name, run, shown


async def main():
    hello = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        log("handler ", shown(await reader.readline()))
        hello.set_result(None)
        data = await reader.read()
        log("handler ", shown(data), ", closing ", writer.is_closing())

    server = await asyncio.start_server(handle, "127.0.0.1", 0, start_serving=False)
    port = server.sockets[0].getsockname()[1]
    serving = asyncio.create_task(server.serve_forever())
    await asyncio.sleep(0)
    log("serving ", server.is_serving())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hanging\n")
    await hello
    serving.cancel()
    try:
        await serving
    except asyncio.CancelledError as e:
        log(name(e), ", cancelled ", serving.cancelled(), ", serving ", server.is_serving())
    log("client ", shown(await reader.read()))
    await server.wait_closed()
    writer.close()
    await writer.wait_closed()


run(main)

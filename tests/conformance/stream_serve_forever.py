# SVR-05, SVR-11, SVR-12: serve_forever() once at a time; cancelled, it closes the server; a closed one refuses.
import asyncio
from scenario import log, name, run, shown, turns


async def main():
    async def handle(reader, writer):
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, start_serving=False)
    log("serving ", server.is_serving())
    await server.start_serving()
    await server.start_serving()
    log("serving ", server.is_serving())

    async def serves():
        try:
            await server.serve_forever()
        except asyncio.CancelledError as e:
            log("serve_forever ", name(e))
            raise

    task = asyncio.create_task(serves())
    await turns(2)
    try:
        await server.serve_forever()
    except RuntimeError as e:
        log("twice: ", name(e))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"line\n")
    log(shown(await reader.read()))
    writer.close()
    await writer.wait_closed()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log("serving ", server.is_serving(), ", cancelled ", task.cancelled())
    try:
        await server.serve_forever()
    except RuntimeError as e:
        log("closed: ", name(e))


run(main)

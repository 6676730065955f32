# SVR-10, SWR-05: close_clients() sends what was written before it, on every connection.
import asyncio
from scenario import log, run


async def main():
    size = 1 << 24
    served = []
    all_served = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        writer.write(b"x" * size)
        served.append(writer)
        if len(served) == 3:
            all_served.set_result(None)
        await reader.read()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    await all_served
    server.close()
    server.close_clients()
    log("closing ", [writer.is_closing() for writer in served])
    waiting = asyncio.create_task(server.wait_closed())
    for reader, writer in clients:
        log("all received ", len(await reader.read()) == size)
        writer.close()
        await writer.wait_closed()
    await waiting
    log("end")


run(main)

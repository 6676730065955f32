# SWR-05, SWR-06: close() sends what was written before it, then closes; the peer gets every byte and the end.
import asyncio
from scenario import log, run

SIZE = 1 << 22


async def main():
    received = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        total = 0
        while chunk := await reader.read(1 << 16):
            total += len(chunk)
        received.set_result(total)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    writer.write(b"x" * SIZE)
    writer.close()
    await writer.wait_closed()
    log("all received ", await received == SIZE)
    server.close()
    await server.wait_closed()


run(main)

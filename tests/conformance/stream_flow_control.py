# SWR-02, SWR-03: drain() waits while the peer does not read, for any number of tasks; when it reads they all go on.
import asyncio
from scenario import log, run, turns

SIZE = 1 << 25


async def main():
    may_read = asyncio.get_running_loop().create_future()
    received = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        await may_read
        received.set_result(len(await reader.readexactly(SIZE)))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    await writer.drain()
    log("nothing written: drain does not wait")
    writer.write(b"x" * SIZE)

    async def drains(who):
        await writer.drain()
        return who

    tasks = [asyncio.create_task(drains(who)) for who in "ab"]
    await turns(50)
    log([t.done() for t in tasks])
    may_read.set_result(None)
    log(", ".join([await t for t in tasks]))
    log(await received == SIZE)
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


run(main)

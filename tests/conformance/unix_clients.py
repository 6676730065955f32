# STR-02, STR-03, STR-04: several clients of a unix server at once; each has its own handler.
import asyncio
import os
from scenario import log, run, shown


async def main():
    path = "\0asyncio-conformance-clients-" + str(os.getpid())
    names = []
    all_here = asyncio.get_running_loop().create_future()

    async def handle(reader, writer):
        name = (await reader.readline()).strip()
        names.append(name)
        if len(names) == 3:
            all_here.set_result(None)
        await all_here
        while line := await reader.readline():
            writer.write(name + b": " + line)
        writer.write(b"bye " + name + b"\n")
        writer.close()

    async def client(name):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(name + b"\n")
        for text in b"one\n", b"two\n":
            writer.write(text)
            await writer.drain()
        writer.write_eof()
        data = await reader.read()
        writer.close()
        await writer.wait_closed()
        return shown(data)

    server = await asyncio.start_unix_server(handle, path)
    for answer in await asyncio.gather(client(b"a"), client(b"b"), client(b"c")):
        log(answer)
    log("clients ", len(names))
    server.close()
    await server.wait_closed()


run(main)

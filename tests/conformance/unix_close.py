# SVR-08, SVR-17: close() removes the file at once and leaves the connections; a new server takes the path.
import asyncio
import os
import tempfile
from scenario import log, name, run, shown


async def main():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "socket")

    def answering(who):
        async def handle(reader, writer):
            while line := await reader.readline():
                writer.write(who + b" " + line)
            writer.close()
        return handle

    async def ask(reader, writer):
        writer.write(b"line\n")
        log(shown(await reader.readline()))

    async def leave(writer):
        writer.close()
        await writer.wait_closed()

    first = await asyncio.start_unix_server(answering(b"first"), path)
    old = await asyncio.open_unix_connection(path)
    await ask(*old)
    first.close()
    log("file ", os.path.exists(path))
    try:
        await asyncio.open_unix_connection(path)
    except FileNotFoundError as e:
        log(name(e))
    second = await asyncio.start_unix_server(answering(b"second"), path)
    new = await asyncio.open_unix_connection(path)
    await ask(*new)
    await ask(*old)
    await leave(old[1])
    await first.wait_closed()
    log("first is closed, file ", os.path.exists(path))
    await leave(new[1])
    second.close()
    await second.wait_closed()
    log("second is closed, file ", os.path.exists(path))
    os.rmdir(folder)


run(main)

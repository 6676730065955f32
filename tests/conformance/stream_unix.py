# STR-02, STR-04, SVR-17: streams over unix sockets: a file, whom it belongs to, an abstract name.
import asyncio
import os
import tempfile
from scenario import log, name, run, shown


async def main():
    async def backwards(reader, writer):
        line = await reader.readline()
        writer.write(line.strip()[::-1] + b"\n")
        writer.close()

    async def ask(path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"hello\n")
        answer = await reader.read()
        log(shown(answer))
        writer.close()
        await writer.wait_closed()

    async def finish(server):
        server.close()
        await server.wait_closed()

    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "socket")
    try:
        await asyncio.open_unix_connection(path)
    except OSError as e:
        log("nobody there: ", name(e))

    server = await asyncio.start_unix_server(backwards, path)
    log("file ", os.path.exists(path), ", serving ", server.is_serving(), ", sockets ", len(server.sockets))
    log("named ", server.sockets[0].getsockname() == path)
    await ask(path)
    await ask(path)
    await finish(server)
    log("closed, file ", os.path.exists(path))

    server = await asyncio.start_unix_server(backwards, path, cleanup_socket=False)
    await finish(server)
    log("left behind, file ", os.path.exists(path))
    try:
        await asyncio.open_unix_connection(path)
    except OSError as e:
        log("nobody listens: ", name(e))
    server = await asyncio.start_unix_server(backwards, path)
    log("replaced, file ", os.path.exists(path))
    second = await asyncio.start_unix_server(backwards, path)
    await finish(server)
    log("the file is the second one's, file ", os.path.exists(path))
    await ask(path)
    await finish(second)
    log("closed, file ", os.path.exists(path))

    other = os.path.join(folder, "other")
    with open(other, "w") as file:
        file.write("kept")
    try:
        await asyncio.start_unix_server(backwards, other)
    except OSError as e:
        log("no socket: ", name(e), ", file ", os.path.getsize(other))

    late = await asyncio.start_unix_server(backwards, path, start_serving=False)
    log("serving ", late.is_serving(), ", file ", os.path.exists(path))
    await late.start_serving()
    log("serving ", late.is_serving())
    await ask(path)
    await finish(late)

    abstract = "\0asyncio-conformance-" + str(os.getpid())
    server = await asyncio.start_unix_server(backwards, abstract)
    await ask(abstract)
    await finish(server)
    try:
        await asyncio.open_unix_connection(abstract)
    except OSError as e:
        log("abstract, gone: ", name(e))
    os.remove(other)
    os.rmdir(folder)


run(main)

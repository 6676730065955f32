# SWR-08, STR-04, SVR-14: the names of both ends of a unix connection.
import asyncio
import os
import tempfile
from scenario import log, run


async def main():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "socket")

    async def handle(reader, writer):
        log("server: own name ", writer.get_extra_info("sockname") == path)
        log("server: client's name ", len(writer.get_extra_info("peername")))
        log("server: unknown ", writer.get_extra_info("unknown") is None)
        writer.close()

    server = await asyncio.start_unix_server(handle, path)
    log("listens ", len(server.sockets), " ", os.path.basename(server.sockets[0].getsockname()))
    reader, writer = await asyncio.open_unix_connection(path)
    await reader.read()
    log("client: own name ", len(writer.get_extra_info("sockname")))
    log("client: server's name ", writer.get_extra_info("peername") == path)
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    os.rmdir(folder)
    log("end")


run(main)

"""Talks to the web server with CPython's own asyncio: asyncio_client.py PORT. Exit status 0: all is well."""

import asyncio
import sys


async def get(reader, writer, path, method="GET"):
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0]
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    body = b"" if method == "HEAD" else await reader.readexactly(length)
    return status, body


async def client(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i in range(20):
        method = "HEAD" if i % 5 == 0 else "GET"
        status, body = await get(reader, writer, f"/{number}/{i}", method)
        assert status == b"HTTP/1.1 200 OK", status
        assert body == (b"" if method == "HEAD" else b"Hello, world!\n"), body
    writer.close()
    await writer.wait_closed()


async def half_close(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n" * 50)
    writer.write_eof()
    answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK") == 50, answers.count(b"HTTP/1.1 200 OK")
    writer.close()
    await writer.wait_closed()


async def main(port):
    await asyncio.gather(*(client(port, number) for number in range(50)))
    await half_close(port)


asyncio.run(main(int(sys.argv[1])))

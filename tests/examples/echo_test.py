"""The echo server and the echo client talk to each other, and the server to a client of CPython's."""
import pathlib
import socket
import subprocess
import sys

import servers

programs = pathlib.Path(sys.argv[1])

for backend in servers.backends():
    with servers.running(programs / "echo_server", backend) as port:
        text = "".join(f"line {i}\n" for i in range(200))
        answer = subprocess.run([programs / "echo_client", "127.0.0.1", str(port)], input=text,
                                capture_output=True, text=True, timeout=60, check=True)
        assert answer.stdout == text, answer.stdout[:200]

        data = bytes(range(256)) * 4096  # a MiB, more than the buffers hold
        with socket.create_connection(("127.0.0.1", port), timeout=60) as peer:
            sent = received = 0
            got = bytearray()
            peer.setblocking(True)
            while received < len(data):
                sent += peer.send(data[sent:sent + 65536]) if sent < len(data) else 0
                chunk = peer.recv(65536)
                assert chunk, "the server has closed the connection"
                got += chunk
                received += len(chunk)
            assert bytes(got) == data
            peer.shutdown(socket.SHUT_WR)
            assert peer.recv(1) == b"", "the end of the stream must come back"
    print(f"{backend}: ok")

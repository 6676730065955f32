"""The UDP echo server answers ncat, where there is one, and sockets of CPython's."""
import pathlib
import shutil
import socket
import subprocess
import sys

import servers

programs = pathlib.Path(sys.argv[1])


def ask_by_ncat(port):
    client = subprocess.Popen(["ncat", "-u", "127.0.0.1", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for line in b"hello\n", b"again\n":
            client.stdin.write(line)
            client.stdin.flush()
            assert client.stdout.readline() == line
    finally:
        client.kill()
        client.communicate()


for backend in servers.backends():
    with servers.running(programs / "udp_echo", backend) as port:
        if shutil.which("ncat"):
            ask_by_ncat(port)
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
        for client in clients:
            client.settimeout(60)
            client.connect(("127.0.0.1", port))
        for size in 0, 1, 1500, 65507:  # nothing is a datagram, too
            for i, client in enumerate(clients):
                client.send(bytes([i]) * size)
            for i, client in enumerate(clients):
                assert client.recv(65536) == bytes([i]) * size, size
        for client in clients:
            client.close()
    print(f"{backend}: ok")

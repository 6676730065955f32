"""The web server answers curl, wrk, CPython's asyncio and socat, and our own http_get; see tests/net/clients."""
import pathlib
import subprocess
import sys

import servers

programs = pathlib.Path(sys.argv[1])
clients = pathlib.Path(__file__).parent.parent / "net" / "clients" / "run_http_clients.sh"

for backend in servers.backends():
    subprocess.run(["bash", clients, programs / "http_server", backend], check=True, timeout=100)
    with servers.running(programs / "http_server", backend) as port:
        answer = subprocess.run([programs / "http_get", f"http://127.0.0.1:{port}/"], capture_output=True,
                                text=True, timeout=60, check=True)
        assert "200" in answer.stdout and "Hello, world!" in answer.stdout, answer.stdout

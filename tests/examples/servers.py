"""Starts an example server for a test: on a free port, on a chosen backend, and ended by Ctrl-C."""
import contextlib
import os
import re
import signal
import subprocess


@contextlib.contextmanager
def started(command, backend):
    """Gives the first line that `command` prints. It must end by SIGINT as soon as it gets one."""
    environment = dict(os.environ, ASYNCIO_BACKEND=backend)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        yield server.stdout.readline().strip()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
        assert server.returncode in (0, -signal.SIGINT), f"the server ended with {server.returncode}"
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


@contextlib.contextmanager
def running(program, backend):
    """Gives the port of `program`, see started()."""
    with started([program, "0"], backend) as line:
        match = re.search(r":(\d+)$", line)
        assert match, f"the server printed {line!r}"
        yield int(match.group(1))


def backends():
    """Both, or epoll alone where the tests were told that io_uring is refused."""
    return ["epoll"] if os.environ.get("ASYNCIO_ALLOW_NO_URING") else ["io_uring", "epoll"]

"""The supervisor starts its programs again and again, ends them on SIGTERM, and leaves no process behind."""
import os
import pathlib
import re
import signal
import subprocess
import sys

import servers

programs = pathlib.Path(sys.argv[1])
stubborn = "trap '' TERM; while :; do sleep 0.05; done"


def is_running(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


for backend in servers.backends():
    for signum in signal.SIGTERM, signal.SIGINT:
        commands = ["exit 3", "exec sleep 1000"] + ([stubborn] if signum == signal.SIGTERM else [])
        supervisor = subprocess.Popen([programs / "supervisor", *commands], stdout=subprocess.PIPE, text=True,
                                      env=dict(os.environ, ASYNCIO_BACKEND=backend))
        pids, ended = {}, 0
        while ended < 3 or len(pids) < len(commands):  # it was started again, twice
            line = supervisor.stdout.readline()
            if match := re.fullmatch(r"(\d+) runs: (.*)\n", line):
                pids[match[2]] = int(match[1])
            elif match := re.fullmatch(r"(\d+) ended: 3\n", line):
                assert int(match[1]) == pids["exit 3"], line
                ended += 1
            else:
                raise AssertionError(f"unexpected: {line!r}")
        supervisor.send_signal(signum)
        rest, _ = supervisor.communicate(timeout=60)
        assert supervisor.returncode == 0, supervisor.returncode
        assert f"signal {signum.value}\n" in rest and rest.endswith("all stopped\n"), rest
        assert f"{pids['exec sleep 1000']} stopped: -15\n" in rest, rest
        if stubborn in commands:
            assert f"{pids[stubborn]} stopped: -9\n" in rest, rest
        for command in commands[1:]:
            assert not is_running(pids[command]), command
    print(f"{backend}: ok")

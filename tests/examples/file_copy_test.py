#!/usr/bin/env python3
"""Copies files with examples/file_copy and compares them byte for byte, on each backend.

    file_copy_test.py FOLDER_WITH_PROGRAMS
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from servers import backends

SIZES = (0, 1, 65536, 65537, 5_000_011)


def run(program, *arguments, backend):
    return subprocess.run([program, *arguments], env=dict(os.environ, ASYNCIO_BACKEND=backend), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check(program, folder, backend):
    for size in SIZES:
        source, target = folder / "source", folder / "target"
        source.write_bytes(random.Random(size).randbytes(size))
        target.write_bytes(b"old content, which is longer than some of the new ones")
        done = run(program, source, target, backend=backend)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{size} bytes\n", done.stdout
        assert target.read_bytes() == source.read_bytes(), f"a copy of {size} bytes differs"
    missing = run(program, folder / "missing", target, backend=backend)
    assert missing.returncode == 1, missing
    assert missing.stderr == f"open '{folder}/missing': No such file or directory\n", missing.stderr
    full = run(program, source, "/dev/full", backend=backend)
    assert full.returncode == 1, full
    assert full.stderr == "write to '/dev/full': No space left on device\n", full.stderr


def main(programs):
    program = pathlib.Path(programs) / "file_copy"
    for backend in backends():
        with tempfile.TemporaryDirectory() as folder:
            check(program, pathlib.Path(folder), backend)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Runs an example and compares what it prints with the `// Output:` comment that ends its source.

    check_output.py SOURCE PROGRAM [ARGUMENT...]
"""
import difflib
import pathlib
import subprocess
import sys


def expected_output(source):
    lines = pathlib.Path(source).read_text().splitlines()
    start = lines.index("// Output:") + 1
    expected = []
    for line in lines[start:]:
        if not line.startswith("//"):
            break
        expected.append(line.removeprefix("//").removeprefix("   ").rstrip())
    return expected


def main(source, *command):
    expected = expected_output(source)
    run = subprocess.run(command, stdout=subprocess.PIPE, timeout=50)
    printed = [line.rstrip() for line in run.stdout.decode().splitlines()]
    if run.returncode != 0:
        print(f"exit status {run.returncode}")
    if printed != expected:
        print("\n".join(difflib.unified_diff(expected, printed, "the comment", "the program", lineterm="")))
    return int(run.returncode != 0 or printed != expected)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
"""Checks that the code shown in README.md and docs/*.md is code that is compiled and run.

A block that follows a comment `<!-- examples/hello.cpp -->` must be a part of that file, line by line (indentation of the
whole block aside).

    check_readme.py CHECKOUT
"""
import pathlib
import re
import sys
import textwrap

BLOCK = re.compile(r"<!-- (?P<file>[\w./-]+\.\w+) -->\s*\n```\w*\n(?P<code>.*?)\n```", re.DOTALL)


def main(checkout):
    root = pathlib.Path(checkout)
    problems, count = [], 0
    for page in [root / "README.md", *sorted(root.glob("docs/**/*.md"))]:
        if not page.exists():
            continue
        for block in BLOCK.finditer(page.read_text()):
            count += 1
            source = root / block["file"]
            if not source.exists():
                problems.append(f"{page.relative_to(root)}: {block['file']} does not exist")
                continue
            lines = source.read_text().splitlines()
            wanted = block["code"].splitlines()
            windows = ("\n".join(lines[i : i + len(wanted)]) for i in range(len(lines)))
            if not any(textwrap.dedent(window) == textwrap.dedent("\n".join(wanted)) for window in windows):
                problems.append(f"{page.relative_to(root)}: a block is not in {block['file']}:\n{block['code']}")
    print(*problems, f"{count} blocks of code compared", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

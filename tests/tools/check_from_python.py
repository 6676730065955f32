#!/usr/bin/env python3
"""Checks that docs/from_python.md has one row for each public name of Python's asyncio, and that its rows are true.

    | Python | ours | what differs | where |
    | `loop.call_soon` | `EventLoop::call_soon` | a context is the first argument | `core/callback_scheduler.hpp` |
    | `Queue.put` | | | later |
    | `Task.get_coro` | | | not offered: a frame belongs to its task |

A row whose last cell names a header is available: the header exists, and every name in its second cell occurs in the
headers. The Python names are in python_names.txt beside this file.

    check_from_python.py CHECKOUT
    python3.14 check_from_python.py --names > python_names.txt     writes the list anew
"""
import pathlib
import re
import sys

ROW = re.compile(r"^\| `(?P<python>[\w.]+)` \|(?P<ours>[^|]*)\|(?P<differs>[^|]*)\| ?(?P<where>[^|]*?) ?\|$")
# The leading name in backquotes: `gather(a, b)` and `Future<T>` and `EventLoop::time`.
OURS = re.compile(r"`([\w:]+)")
COMMENT = re.compile(r"//[^\n]*")


def names_of_asyncio():
    """What the running Python offers: one line an owner, `owner: name name`."""
    import asyncio
    import contextvars

    def public(owner):
        made_in_init = {"Condition": ["acquire", "locked", "release"], "Process": ["pid"]}
        return [name for name in sorted(vars(owner)) if not name.startswith("_")] + made_in_init.get(owner.__name__, [])

    yield "", sorted(name for name in asyncio.__all__)
    yield "contextvars", ["Context", "ContextVar", "copy_context"]
    yield "loop", public(asyncio.AbstractEventLoop) + ["slow_callback_duration"]
    for owner in (asyncio.Task, asyncio.Future):
        yield owner.__name__, [name for name in dir(owner) if not name.startswith("_")]
    for name in asyncio.__all__:
        owner = getattr(asyncio, name)
        if isinstance(owner, type) and owner.__module__.split(".")[-1] in (
                "events", "locks", "protocols", "queues", "base_events", "runners", "streams", "taskgroups", "timeouts",
                "transports") and not name.endswith(("Loop", "AbstractServer")):
            yield name, public(owner)
    yield "Process", public(asyncio.subprocess.Process)
    yield "Context", public(contextvars.Context)
    yield "ContextVar", public(contextvars.ContextVar)


def python_names(listing):
    names = []
    for line in listing.read_text().splitlines():
        owner, members = line.split(":")
        names += [f"{owner}.{member}" if owner else member for member in members.split()]
    return names


def words_of(headers):
    words = set()
    for header in headers.rglob("*.hpp"):
        words |= set(re.findall(r"\w+", COMMENT.sub("", header.read_text())))
    return words


def check_row(row, headers, words):
    """What is wrong with one row, as sentences."""
    where = row["where"].strip("`")
    if where == "later" or where.startswith("not offered: "):
        return []
    if not (headers / where).is_file():
        return [f"{row['python']}: '{where}' is no header below {headers}, nor 'later' or 'not offered: ...'"]
    ours = OURS.findall(row["ours"])
    if not ours:
        return [f"{row['python']}: its row names a header, but nothing in it"]
    return [f"{row['python']}: '{name}' does not occur in the headers"
            for name in ours if not set(name.split("::")) <= words]


def main(checkout):
    root = pathlib.Path(checkout)
    headers = root / "include" / "asyncio"
    names = python_names(pathlib.Path(__file__).with_name("python_names.txt"))
    rows = [match for line in (root / "docs" / "from_python.md").read_text().splitlines() if (match := ROW.match(line))]
    found = [row["python"] for row in rows]

    problems = [f"{name} has no row" for name in names if name not in found]
    problems += [f"{name} is no public name of Python's asyncio" for name in sorted(set(found) - set(names))]
    problems += [f"{name} has more than one row" for name in sorted(set(found)) if found.count(name) > 1]
    words = words_of(headers)
    for row in rows:
        problems += check_row(row, headers, words)

    available = sum(row["where"].strip("`").endswith(".hpp") for row in rows)
    print(*problems, f"{available} of {len(names)} Python names are available", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    if sys.argv[1:] == ["--names"]:
        for owner_name, members in names_of_asyncio():
            if members:
                print(f"{owner_name}: {' '.join(members)}")
    else:
        sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
"""Holds the headers and the table of tests/tasks/cancellation_table_test.cpp together.

Every public function that gives something to await has a row in the table, `{"Socket::recv", ...}` or `{"gather, a range", ...}`,
or is excused below with a reason. A function counts that returns a Task, or `auto` and says by its [[nodiscard]] that it is
to be awaited, or builds one of the library's awaitables; and every public operator co_await.

    check_awaitables.py CHECKOUT
"""
import pathlib
import re
import sys

# What is not awaited by its users, or is awaited through something else.
EXCUSED = {
    "as_completed": "gives an iterator; its steps have rows",
    "AsCompleted::Step::make_call": "how a step is awaited",
    "TaskGroup::aexit": "awaited by async_with()",
    "Server::aexit": "awaited by async_with()",
    "Barrier::aenter": "awaited by async_with()",
    "LoopService::shutdown": "awaited by run()",
    "AsyncGenerator::aclose": "never suspends",
    "EventLoop::shutdown_asyncgens": "never suspends",
    "shutdown_asyncgens": "where EventLoop::shutdown_asyncgens is defined",
    "start": "where TaskGroup::start is defined",
    "shutdown_default_executor": "where EventLoop::shutdown_default_executor is defined",
}
# What has rows and is not declared by a function of its own.
NO_FUNCTION = {"Task", "Future::operator co_await", "TaskHandle::operator co_await", "AsCompleted::awaitables", "AsyncGenerator::next"}

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.)*", re.MULTILINE | re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'')
AWAIT_SENTENCE = re.compile(r'nodiscard\("(?:co_await|await|iterate with co_await)\b')
AWAITABLE_BODY = re.compile(r"\b(?:Deferred|Read)<|\breturn (?:start|closed)\(")
NAMESPACE = re.compile(r"\bnamespace\s+([\w:]+)?\s*$")
CLASS = re.compile(r"\b(class|struct)\s+(\w+)(?:\s+final)?\s*(?::[^:].*)?$", re.DOTALL)
ACCESS = re.compile(r"^\s*(public|private|protected)\s*:(?!:)")
ROW = re.compile(r'^\s*\{"((?:detail::)?[A-Za-z_][\w:]*(?: co_await)?)(?:, [^"]*)?", ', re.MULTILINE)


class Scope:
    """The braces of a namespace or a class."""

    def __init__(self, kind, name, public=True):
        self.kind, self.name, self.public = kind, name, public


def matching_brace(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


def blank(text):
    """The same without comments and directives; what stands in strings is kept only in attributes."""
    text = DIRECTIVE.sub("", COMMENT.sub("", text))
    return STRING.sub(lambda m: m[0].translate({ord(c): "_" for c in "{}();:<>"}), text)


def function_name(head):
    """The name that is declared, without its return type and parameters; nothing for anything else."""
    plain = re.sub(r"\[\[.*?\]\]", "", head, flags=re.DOTALL)
    if re.search(r"\boperator\s+co_await\s*\(", plain):
        return "operator co_await"
    found = re.search(r"\b([a-z]\w*)\s*\(", re.sub(r"\b(?:requires|decltype|noexcept|explicit)\s*\(", "", plain))
    return found[1] if found else None


def is_awaited(head, body):
    declaration = head[: head.find("(", head.rfind("]]") + 1)] if "(" in head else head
    if "operator co_await" in head or AWAIT_SENTENCE.search(head):
        return True
    if re.search(r"\bTask<", declaration.split("]]")[-1]):
        return True
    return bool(re.search(r"\bauto\b", declaration) and AWAITABLE_BODY.search(body))


def is_public(scopes):
    return all(s.public and s.name != "detail" for s in scopes)


def awaitables(text):
    """The qualified names of what a header's public part gives to await."""
    text = blank(text)
    scopes, names, start, i = [], set(), 0, 0
    while i < len(text):
        c = text[i]
        if c == ":" and (label := ACCESS.match(text[start : i + 1] + text[i + 1 : i + 2])) and scopes:
            scopes[-1].public = label[1] == "public"
            start = i + 1
        elif c in ";{":
            head = text[start:i]
            inside = is_public(scopes)
            classes = [s.name for s in scopes if s.kind == "class"]
            end = matching_brace(text, i) if c == "{" else i
            opened = re.sub(r"\[\[.*?\]\]", "", head, flags=re.DOTALL)
            if c == "{" and (found := NAMESPACE.search(opened)):
                scopes.append(Scope("namespace", (found[1] or "").split("::")[-1]))
            elif c == "{" and (found := CLASS.search(opened)) and "enum" not in opened:
                scopes.append(Scope("class", found[2], public=found[1] == "struct"))
            else:
                name = function_name(head)
                if name and inside and is_awaited(head, text[i : end + 1]):
                    names.add("::".join([*classes, name]))
                i = end
            start = i + 1
        elif c == "}":
            if scopes:
                scopes.pop()
            start = i + 1
        i += 1
    return names


def main(checkout):
    root = pathlib.Path(checkout)
    found = {}
    for header in sorted((root / "include/asyncio").rglob("*.hpp")):
        name = header.relative_to(root / "include").as_posix()
        if "/testing" in name or "/detail/" in name:
            continue
        for awaitable in awaitables(header.read_text()):
            found.setdefault(awaitable, name)
    table = set(ROW.findall((root / "tests/tasks/cancellation_table_test.cpp").read_text()))

    problems = [f"{name} of {header} has no row in tests/tasks/cancellation_table_test.cpp"
                for name, header in sorted(found.items()) if name not in table and name not in EXCUSED]
    problems += [f"{name} has a row, but no header declares it" for name in sorted(table)
                 if name not in found and name not in NO_FUNCTION and not name.startswith("detail::")]
    problems += [f"{name} is excused in check_awaitables.py, but no header declares it"
                 for name in sorted(EXCUSED.keys() - found.keys())]
    print(*problems, f"{len(found)} awaitables, {len(table)} in the table, {len(EXCUSED)} excused", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

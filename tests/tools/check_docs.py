#!/usr/bin/env python3
"""Lists public names of the headers that no doc comment (`///`) explains.

Public are, in namespace asyncio: classes, structs, enums, concepts and functions, and the public member functions of those
classes. Exempt are namespaces below (detail, os; testing is looked at), constructors, destructors, operators, overriders,
friends, aliases, variables and data members; and an overload beside a documented function of the same name.

    check_docs.py CHECKOUT [FOLDER...]     FOLDER: below include/asyncio, for instance core tasks
"""
import pathlib
import re
import sys

LITERAL_OR_COMMENT = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", re.DOTALL)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
ATTRIBUTE = re.compile(r"\[\[.*?\]\]|__attribute__\s*\(\(.*?\)\)|\balignas\s*\([^)]*\)", re.DOTALL)
SCOPE = re.compile(r"(?:inline\s+)?namespace\s*([\w:]*)")
# A macro of ours may stand before the name.
TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(?:ASYNCIO_[A-Z_]+\s+)?(\w+)")
CONCEPT = re.compile(r"\bconcept\s+(\w+)")
CALL = re.compile(r"(~?\b[A-Za-z_]\w*|operator\s*(?:\(\s*\)|[^\s\w(]+|\w+[&*]*))\s*\(")
NO_NAME = {"requires", "noexcept", "decltype", "sizeof", "explicit", "static_assert", "if", "while", "for"}
EXEMPT_START = re.compile(r"(?:friend|using|typedef|static_assert|extern)\b")


def blanked(text):
    """The text without comments, literals and preprocessor lines, every character at its place."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return PREPROCESSOR.sub(blank, LITERAL_OR_COMMENT.sub(blank, text))


def without_templates(head):
    """Drops leading `template <...>`."""
    while match := re.match(r"\s*template\s*<", head):
        depth, position = 1, match.end()
        while depth and position < len(head):
            depth += {"<": 1, ">": -1}.get(head[position], 0)
            position += 1
        head = head[position:]
    return head.strip()


def name_of(head):
    """The declared name and its kind ("type", "concept", "function"), or nothing where none is to be documented."""
    plain = without_templates(ATTRIBUTE.sub(" ", head))
    if EXEMPT_START.match(plain) or not re.match(r"[\w:~]", plain):
        return None
    if match := CONCEPT.match(plain):
        return match[1], "concept"
    if match := TYPE.match(plain):
        return match[1], "type"
    for match in CALL.finditer(plain):
        if match[1] in NO_NAME:
            continue
        if "=" in plain[: match.start()] or plain[: match.start()].rstrip().endswith("::"):
            return None  # a variable's initialiser; a definition of something declared elsewhere
        return match[1], "function"
    return None


class Header:
    """Walks over one header; `missing` collects (line, name)."""

    def __init__(self, path):
        text = path.read_text()
        lines = text.split("\n")
        self.doc_lines = {n for n, line in enumerate(lines, 1) if line.lstrip().startswith("///")}
        self.comment_lines = {n for n, line in enumerate(lines, 1) if line.lstrip().startswith("//")}
        self.code = blanked(text)
        self.scopes = []  # [kind, name, access]
        self.documented = set()  # (scope, name)
        self.missing = []
        self.walk()

    def line(self, position):
        return self.code.count("\n", 0, position) + 1

    def is_public(self):
        names = [name for kind, name, _ in self.scopes if kind == "namespace" and name != "ASYNCIO_ABI"]
        if names[:1] not in (["asyncio"], ["asyncio::testing"]) or any(name in ("detail", "os") for name in names):
            return False
        return all(kind == "namespace" or (kind == "type" and access == "public") for kind, _, access in self.scopes)

    def declare(self, start, head, is_definition):
        found = name_of(head)
        if not found or not self.is_public():
            return
        name, kind = found
        owner = self.scopes[-1][1]
        is_special = name == owner or name.startswith(("~", "operator"))
        if is_special or re.search(r"\b(?:override|final)\s*$", head) or (kind == "type" and not is_definition):
            return
        if kind == "function" and re.search(r"=\s*(?:default|delete)\s*$", head):
            return
        key = (tuple(scope[1] for scope in self.scopes), name)
        above = self.line(start) - 1
        while above in self.comment_lines and above not in self.doc_lines:
            above -= 1
        if above in self.doc_lines or key in self.documented:
            self.documented.add(key)
        else:
            self.missing.append((self.line(start), name if owner in ("asyncio", "ASYNCIO_ABI") else f"{owner}::{name}"))

    def enter(self, start, head):
        plain = without_templates(ATTRIBUTE.sub(" ", head))
        if match := SCOPE.match(plain):
            return self.scopes.append(["namespace", match[1], "public"])
        self.declare(start, head, True)
        found = name_of(head)
        if found and found[1] == "type":
            return self.scopes.append(["type", found[0], "private" if re.search(r"\bclass\b", plain) else "public"])
        self.scopes.append(["body", "", "private"])

    def walk(self):
        start, depth = None, 0
        for position, character in enumerate(self.code):
            if character in "([":
                depth += 1
            elif character in ")]":
                depth -= 1
            if depth == 0 and character in "{};":
                head = self.code[start:position] if start is not None else ""
                if character == "{":
                    self.enter(start if start is not None else position, head)
                elif character == "}" and self.scopes:
                    self.scopes.pop()
                elif character == ";" and head.strip():
                    self.declare(start, head, False)
                start = None
            elif start is not None and depth == 0 and character == ":":
                access = self.code[start:position].strip()
                if access in ("public", "protected", "private") and self.scopes:
                    self.scopes[-1][2] = access
                    start = None
            elif start is None and not character.isspace():
                start = position


def main(checkout, *folders):
    root = pathlib.Path(checkout) / "include" / "asyncio"
    missing = []
    for folder in folders or [""]:
        for path in sorted((root / folder).rglob("*.hpp")):
            missing += [f"{path.relative_to(root)}:{line}: {name}" for line, name in Header(path).missing]
    print(*missing, f"{len(missing)} public names without a doc comment", sep="\n")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

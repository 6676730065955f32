#!/usr/bin/env python3
"""Holds docs/features.md, the tests and the README's count together.

docs/features.md has one line a row of Python's asyncio:

    | ID | what | ours | tests |
    | CAN-07 | cancel() reaches the innermost await | `TaskHandle::cancel` | core/task_test.cpp |
    | POL-01 | event loop policies | | not offered: deprecated in Python |
    | TLS-03 | start_tls | | planned |

The last cell names test files below tests/, each with a test that carries `[CAN-07]` in its name or tags, or a conformance
scenario below a comment `// CAN-07: ...`; or it says why there is none. README.md says `N of M features`.

    check_features.py CHECKOUT            compares
    check_features.py CHECKOUT --write    writes the last cells and the README's numbers from the tests
"""
import pathlib
import re
import sys

ROW = re.compile(r"^\| *(?P<id>[A-Z]+-\d+[a-z]?) *\|(?P<what>.*)\|(?P<ours>.*)\|(?P<tests>[^|]*)\|\s*$")
TAG = re.compile(r"\[([A-Z]{2,5}-\d+[a-z]?)\]")
# A test's head: the macro and what stands in its parentheses, over several lines.
HEAD = re.compile(r"\b\w*TEST(?:_CASE)?\w*\s*\(\s*\"(?:[^\"\\]|\\.)*\"[^)]*\)")
# A scenario's head: `// CAN-07, CAN-08: what it shows`, perhaps more lines of comment, `SCENARIO(name)`.
SCENARIO = re.compile(r"^// ((?:[A-Z]{2,5}-\d+[a-z]?(?:, *)?)+):.*\n(?://.*\n)*\w*SCENARIO\(", re.MULTILINE)
COUNT = re.compile(r"(\d+)\*{0,2} of \*{0,2}(\d+)\*{0,2} features")


def tags_in(source):
    """The IDs that the tests of one file carry."""
    text = source.read_text()
    tags = {tag for head in HEAD.finditer(text) for tag in TAG.findall(head.group())}
    for scenario in SCENARIO.finditer(text):
        tags |= set(scenario[1].replace(" ", "").split(","))
    return tags


def tests_by_id(root):
    found = {}
    for source in sorted((root / "tests").rglob("*.cpp")):
        for tag in tags_in(source):
            found.setdefault(tag, []).append(source.relative_to(root / "tests").as_posix())
    return found


def is_excused(cell):
    return cell.startswith(("not offered:", "planned")) or not cell


def check_row(row, found):
    """What is wrong with one row, as sentences."""
    name, cell = row["id"], row["tests"].strip()
    if is_excused(cell):
        return [f"{name} is pinned by {test}, but its row says '{cell}'" for test in found.get(name, [])]
    files = [part.strip(" `") for part in cell.split(",")]
    return [f"{name}: no test in tests/{file} carries [{name}]" for file in files if file not in found.get(name, [])]


def rewritten(line, found):
    row = ROW.match(line)
    if not row or row["id"] not in found:
        return line
    return f"| {row['id']} |{row['what']}|{row['ours']}| {', '.join(found[row['id']])} |"


def main(checkout, *options):
    root = pathlib.Path(checkout)
    page = root / "docs" / "features.md"
    readme = root / "README.md"
    if not page.exists():
        print("docs/features.md does not exist yet")
        return 0
    found = tests_by_id(root)
    if "--write" in options:
        page.write_text("\n".join(rewritten(line, found) for line in page.read_text().splitlines()) + "\n")

    rows = [match for line in page.read_text().splitlines() if (match := ROW.match(line))]
    names = [row["id"] for row in rows]
    problems = [f"{name} has more than one row" for name in sorted(set(names)) if names.count(name) > 1]
    problems += [f"[{name}] in tests/{found[name][0]} has no row" for name in sorted(found.keys() - set(names))]
    for row in rows:
        problems += check_row(row, found)

    pinned = sum(not is_excused(row["tests"].strip()) for row in rows)
    declined = sum(row["tests"].strip().startswith("not offered:") for row in rows)
    if readme.exists():
        text = readme.read_text()
        if "--write" in options:
            text = COUNT.sub(f"{pinned} of {len(rows)} features", text)
            readme.write_text(text)
        counts = COUNT.findall(text)
        if not counts:
            problems.append("README.md has no line with 'N of M features'")
        if any(count != (str(pinned), str(len(rows))) for count in counts):
            problems.append(f"README.md says {counts}, the rows say {pinned} of {len(rows)} features")

    print(*problems, f"{pinned} of {len(rows)} features pinned by tests, {declined} not offered, "
          f"{len(rows) - pinned - declined} planned", sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

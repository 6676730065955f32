#!/usr/bin/env python3
"""Proves that the checks of cmake/ and tests/tools/ fail when they should, on small made-up checkouts.

    checks_test.py CMAKE
"""
import pathlib
import subprocess
import sys
import tempfile

import check_awaitables as check_awaitables_tool

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
failures = []


def run(files, command):
    """Runs `command` on a checkout that holds `files`; returns its status and what it printed."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([part.format(root=root) for part in command], capture_output=True, text=True)
        return done.returncode, " ".join((done.stdout + done.stderr).split())


def expect(title, files, command, sentence=None):
    status, output = run(files, command)
    if (status == 0) != (sentence is None) or (sentence and sentence not in output):
        failures.append(f"{title}: status {status}, expected {sentence!r}, got: {output}")


def headers(**includes):
    """Headers named `folder__file`, each with the includes given."""
    return {
        f"include/asyncio/{name.replace('__', '/')}.hpp": "#pragma once\n" + "".join(
            f"#include <asyncio/{other}.hpp>\n" for other in others)
        for name, others in includes.items()
    }


def check_layers(cmake):
    command = [cmake, "-D", "ROOT={root}", "-P", str(CHECKOUT / "cmake/CheckLayers.cmake")]
    expect("down", headers(core__a=["detail/b"], detail__b=[]), command)
    expect("same layer", headers(core__a=["core/b"], core__b=["config"], config=[]), command)
    expect("peers", headers(fs__a=["process/b"], process__b=[]), command)
    expect("up", headers(core__a=[], detail__b=["core/a"]), command, "of a higher layer")
    expect("umbrella", headers(core__a=["asyncio"], asyncio=[]), command, "of a higher layer")
    expect("circle", headers(core__a=["core/b"], core__b=["core/c"], core__c=["core/a"]), command, "circle")
    expect("missing", headers(core__a=["core/b"]), command, "does not exist")
    expect("no layer", headers(misc__a=[]), command, "in no layer")


def check_names(cmake):
    command = [cmake, "-D", "ROOT={root}", "-P", str(CHECKOUT / "cmake/CheckNames.cmake")]

    def header(name, text):
        return {f"include/asyncio/{name}.hpp": "#pragma once\n" + text}

    one = header("core/task", "void f() { h.resume(); }\n")
    expect("one resume", one, command)
    expect("two resumes", one | header("core/x", "void g() { p->resume(); }\n"), command, "in 2 places")
    expect("a comment", one | header("core/x", "// h.resume() and await_suspend\n"), command)
    expect("no resume", header("core/task", ""), command, "in 0 places")
    expect("await_suspend", one | header("net/x", "void await_suspend();\n"), command, "has an await_suspend")
    expect("its place", one | header("core/x", "void await_suspend();\n"), command)
    expect("liburing", one | header("backend/x", "#include <liburing.h>\n"), command, "only os/io_uring.hpp does")
    expect("its home", one | header("os/io_uring", "#include <liburing.h>\n"), command)
    expect("dear", one | header("core/x", "#include <functional>\n"), command, "includes <functional>")
    expect("no pragma", {"include/asyncio/core/x.hpp": "\n"} | one, command, "no #pragma once")


def check_features():
    command = [sys.executable, str(HERE / "check_features.py"), "{root}"]

    def checkout(cell, test, count="1 of 1"):
        return {
            "docs/features.md": f"| ID | what | ours | tests |\n|---|---|---|---|\n| CAN-07 | a | b | {cell} |\n",
            "README.md": f"Here: {count} features.\n",
            "tests/core/task_test.cpp": test,
        }

    pinned = 'ASYNC_TEST("task: is\\" cancelled (once)",\n           "[task][CAN-07]") {\n'
    expect("pinned", checkout("core/task_test.cpp", pinned), command)
    expect("not pinned", checkout("core/task_test.cpp", "// [CAN-07]\n"), command, "no test in")
    expect("other file", checkout("core/other_test.cpp", pinned), command, "no test in tests/core/other_test.cpp")
    expect("planned", checkout("planned", "", "0 of 1"), command)
    expect("planned, yet pinned", checkout("planned", pinned, "0 of 1"), command, "but its row says")
    expect("count", checkout("core/task_test.cpp", pinned, "2 of 1"), command, "README.md says")
    expect("unknown", checkout("planned", 'TEST_CASE("x", "[CAN-08]")', "0 of 1"), command, "has no row")
    scenario = {"tests/core/task_test.cpp": "", "tests/conformance/a.cpp": "// CAN-07, CAN-07: a\n// b\nTIMED_SCENARIO(a) {\n"}
    expect("scenario", checkout("conformance/a.cpp", "") | scenario, command)
    expect("written", checkout("planned", pinned, "0 of 1"), command + ["--write"])


def check_readme():
    command = [sys.executable, str(HERE / "check_readme.py"), "{root}"]

    def checkout(code):
        return {
            "README.md": f"<!-- examples/a.cpp -->\n```cpp\n{code}\n```\n",
            "examples/a.cpp": "int main() {\n  return 0;\n}\n",
        }

    expect("shown", checkout("int main() {\n  return 0;\n}"), command)
    expect("dedented", checkout("return 0;"), command)
    expect("different", checkout("return 1;"), command, "is not in examples/a.cpp")


def check_awaitables():
    command = [sys.executable, str(HERE / "check_awaitables.py"), "{root}"]

    def checkout(code, *rows):
        classes = ("namespace asyncio {\nclass AsCompleted {\n public:\n  struct Step {\n    Task<> make_call();\n  };\n};\n"
                   "[[nodiscard(\"iterate with co_await it.next()\")]] auto as_completed(int);\n")
        for name in sorted(check_awaitables_tool.EXCUSED.keys() - {"AsCompleted::Step::make_call", "as_completed"}):
            owner, _, member = name.rpartition("::")
            declaration = f"Task<> {member}(int);\n"
            classes += f"struct {owner} {{\n  {declaration}}};\n" if owner else declaration
        return {
            "include/asyncio/a.hpp": classes + code + "\n}\n",
            "tests/tasks/cancellation_table_test.cpp": "".join(f'    {{"{row}", &make<X>}},\n' for row in rows),
        }

    function = '[[nodiscard("co_await the call")]] auto call(int x) { return X(x); }'
    member = "template <class T>\nclass Reader : Base<T> {\n public:\n  [[nodiscard]] auto read() { return Deferred<X>(); }\n private:\n  Task<> hidden();\n};"
    expect("in the table", checkout(function, "call"), command)
    expect("a variant", checkout(function, "call, twice"), command)
    expect("not in the table", checkout(function), command, "call of asyncio/a.hpp has no row")
    expect("a member", checkout(member, "Reader::read"), command)
    expect("a member without a row", checkout(member), command, "Reader::read of asyncio/a.hpp has no row")
    expect("detail", checkout("namespace detail {\nTask<> call();\n}"), command)
    expect("no such function", checkout("", "gone"), command, "gone has a row, but no header declares it")


def main(cmake):
    check_layers(cmake)
    check_names(cmake)
    check_features()
    check_readme()
    check_awaitables()
    print(*failures, "all checks fail when they should" if not failures else "", sep="\n")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

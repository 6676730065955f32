"""Runs random programs of tasks and prints their traces; interpreter.cpp says the same in C++.

    programs.py FIRST LAST | interpreter.py     each program, its trace, its trace with eager tasks

The operations; "child": what is inside runs in a task of its own, "body": in the same task.

    turnsN                          lets N turns of the loop pass
    endless                         sleeps until it is cancelled
    fail                            raises an Error
    nothing                         ends without a suspension
    cancelN                         cancels the task that is number N, modulo the number of tasks
    cancel_self                     the task cancels itself
    uncancel                        takes one cancellation back
    joinN                           awaits that task, if it is younger: no two await each other
    await_futureN                   awaits one of the program's futures
    set_futureN, fail_futureN       give it a result or an Error, unless it is done
    cancel_futureN                  cancels it
    shield_futureN                  awaits a shield() of it
    poll_futureN                    wait_for(future, 0)
    sequence(body,...)              one after the other
    gather(child,...)               awaits gather(...)
    gather_outcomes(child,...)      the same with return_exceptions=True
    group(child,...,body)           a TaskGroup
    timeout(body)                   a timeout() that does not pass
    timeout_passed(body)            one that has passed already
    wait_for(body)                  a wait_for() whose timeout does not pass
    wait_for_ever(body)             one without a timeout
    poll(child)                     wait_for(child, 0)
    shield(child)                   awaits a shield() of it
    spawn(child)                    starts it and awaits nothing
    wait_first(child,...)           wait() with FIRST_COMPLETED
    wait_error(child,...)           wait() with FIRST_EXCEPTION
    wait_all(child,...)             wait() with ALL_COMPLETED
    catch_cancel(body)              swallows a CancelledError
    catch_error(body)               swallows an error
    cleanup(body,body)              the second runs in the finally of the first

A trace is made of these words. I is the number of an operation, in the order in which they are
written; each of its words ends in "~N" where cancelling() of its task is N and not 0.

    @T                              what follows happened in turn T of the loop
    I+  I.  I!Error                 the operation begins, ends, ends by an exception
    I=VALUE                         what the operation got
    kill:N                          N tasks had not ended by themselves and were then cancelled
    =RESULT                         how a task ended, in order of creation
"""

import asyncio
import sys

FUTURES = 4
LONG = 1000  # seconds that no program lasts
TURNS = 60  # that a program has before its tasks are cancelled
TURNS_OF_A_KILL = 40
KILLS = 20  # a task can swallow that many


class Error(Exception):
    """The error of an operation: its argument is the operation's number."""


class OrderedSet(dict):
    """A set that is iterated in the order of insertion."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


class OrderedTaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in the order of their creation, which CPython leaves to the hash."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


def describe(error):
    if isinstance(error, asyncio.CancelledError):
        return f"Cancelled{error.args[0] if error.args else ''}"
    if isinstance(error, BaseExceptionGroup):
        return f"Group[{','.join(map(describe, error.exceptions))}]"
    if isinstance(error, Error):
        return f"Error{error.args[0]}"
    return type(error).__name__


def describe_outcome(outcome):
    """A cancellation without its text: CPython loses it where the task itself threw it."""
    if outcome is None:
        return "ok"
    return "Cancelled" if isinstance(outcome, asyncio.CancelledError) else describe(outcome)


class Operation:
    """An operation of a program, with those inside it."""

    def __init__(self, number, name):
        self.number = number
        self.name = name
        self.operand = 0
        self.inside = []


class Parser:
    def __init__(self, text):
        self.text = text
        self.position = 0
        self.count = 0

    def program(self):
        roots = [self.operation()]
        while self.skip(" "):
            roots.append(self.operation())
        return roots

    def operation(self):
        self.count += 1
        made = Operation(self.count, self.word(lambda c: c.isalpha() or c == "_"))
        made.operand = int(self.word(str.isdigit) or 0)
        if self.skip("("):
            made.inside.append(self.operation())
            while self.skip(","):
                made.inside.append(self.operation())
            self.skip(")")
        return made

    def word(self, belongs):
        begin = self.position
        while self.position < len(self.text) and belongs(self.text[self.position]):
            self.position += 1
        return self.text[begin : self.position]

    def skip(self, character):
        found = self.text[self.position : self.position + 1] == character
        self.position += found
        return found


class Trace:
    """The words of a trace, and the turns of the loop."""

    def __init__(self):
        self.words = []
        self.turn = 0
        self.written_turn = 0
        self.tick()

    def tick(self):
        """A callback that reschedules itself, first in each turn."""
        self.turn += 1
        self.ticking = asyncio.get_running_loop().call_soon(self.tick)

    def stop(self):
        self.ticking.cancel()

    def add(self, word, task):
        cancelling = task.cancelling() if task else 0
        self.words.append(word + (f"~{cancelling}" if cancelling else ""))

    def event(self, operation, what):
        """Something happens in the current task."""
        if self.turn != self.written_turn:
            self.words.append(f"@{self.turn}")
            self.written_turn = self.turn
        self.add(f"{operation.number}{what}", asyncio.current_task())


class Interpreter:
    """One run of a program. `me` is the index of the task that an operation runs in."""

    def __init__(self):
        self.trace = Trace()
        self.tasks = []  # None: it is being started, or its group refused it
        create_future = asyncio.get_running_loop().create_future
        self.futures = [create_future() for _ in range(FUTURES)]

    async def run(self, operation, me):
        self.trace.event(operation, "+")
        try:
            await getattr(self, operation.name)(operation, me)
        except BaseException as error:
            self.trace.event(operation, f"!{describe(error)}")
            raise
        self.trace.event(operation, ".")

    def start(self, operation, create_task=asyncio.create_task):
        """Runs the operation in a task of its own."""
        index = len(self.tasks)
        self.tasks.append(None)
        task = self.tasks[index] = create_task(self.run(operation, index))
        return task

    def start_all(self, operation):
        return [self.start(child) for child in operation.inside]

    # --- operations without others inside

    async def turns(self, operation, me):
        for _ in range(operation.operand):
            await asyncio.sleep(0)

    async def endless(self, operation, me):
        await asyncio.sleep(LONG)

    async def fail(self, operation, me):
        raise Error(operation.number)

    async def nothing(self, operation, me):
        pass

    async def cancel(self, operation, me):
        task = self.tasks[operation.operand % len(self.tasks)]
        if task:
            self.trace.event(operation, f"={task.cancel(operation.number)}")

    async def cancel_self(self, operation, me):
        asyncio.current_task().cancel(operation.number)

    async def uncancel(self, operation, me):
        self.trace.event(operation, f"={asyncio.current_task().uncancel()}")

    async def join(self, operation, me):
        index = operation.operand % len(self.tasks)
        if index <= me or not self.tasks[index]:
            return
        try:
            await self.tasks[index]
        except asyncio.CancelledError:
            # Without its text: CPython gives that to the first who asks.
            raise asyncio.CancelledError() from None

    async def await_future(self, operation, me):
        await self.futures[operation.operand]

    async def set_future(self, operation, me):
        future = self.futures[operation.operand]
        if not future.done():
            future.set_result(None)

    async def fail_future(self, operation, me):
        future = self.futures[operation.operand]
        if not future.done():
            future.set_exception(Error(operation.number))

    async def cancel_future(self, operation, me):
        future = self.futures[operation.operand]
        self.trace.event(operation, f"={future.cancel(operation.number)}")

    async def shield_future(self, operation, me):
        await asyncio.shield(self.futures[operation.operand])

    async def poll_future(self, operation, me):
        await asyncio.wait_for(self.futures[operation.operand], 0)

    # --- operations around others

    async def sequence(self, operation, me):
        for body in operation.inside:
            await self.run(body, me)

    # Without the text of a cancellation: whether CPython has one depends on which argument is last
    # and on who has asked before.
    async def gather(self, operation, me):
        try:
            await asyncio.gather(*self.start_all(operation))
        except asyncio.CancelledError:
            raise asyncio.CancelledError() from None

    # The same.
    async def gather_outcomes(self, operation, me):
        try:
            outcomes = await asyncio.gather(*self.start_all(operation), return_exceptions=True)
        except asyncio.CancelledError:
            raise asyncio.CancelledError() from None
        self.trace.event(operation, f"={','.join(map(describe_outcome, outcomes))}")

    async def group(self, operation, me):
        *children, body = operation.inside
        async with OrderedTaskGroup() as group:
            for child in children:
                self.start_in(group, operation, child)
            await self.run(body, me)

    def start_in(self, group, operation, child):
        try:
            self.start(child, group.create_task)
        except RuntimeError:
            self.trace.event(operation, "=refused")

    async def timeout(self, operation, me):
        async with asyncio.timeout(LONG):
            await self.run(operation.inside[0], me)

    async def timeout_passed(self, operation, me):
        async with asyncio.timeout(-1):
            await self.run(operation.inside[0], me)

    async def wait_for(self, operation, me):
        await asyncio.wait_for(self.run(operation.inside[0], me), LONG)

    async def wait_for_ever(self, operation, me):
        await asyncio.wait_for(self.run(operation.inside[0], me), None)

    async def poll(self, operation, me):
        await asyncio.wait_for(self.start(operation.inside[0]), 0)

    async def shield(self, operation, me):
        await asyncio.shield(self.start(operation.inside[0]))

    async def spawn(self, operation, me):
        self.start(operation.inside[0])

    async def wait_first(self, operation, me):
        await self.wait(operation, asyncio.FIRST_COMPLETED)

    async def wait_error(self, operation, me):
        await self.wait(operation, asyncio.FIRST_EXCEPTION)

    async def wait_all(self, operation, me):
        await self.wait(operation, asyncio.ALL_COMPLETED)

    async def wait(self, operation, return_when):
        done, pending = await asyncio.wait(self.start_all(operation), return_when=return_when)
        self.trace.event(operation, f"={len(done)},{len(pending)}")

    async def catch_cancel(self, operation, me):
        try:
            await self.run(operation.inside[0], me)
        except asyncio.CancelledError:
            pass

    async def catch_error(self, operation, me):
        try:
            await self.run(operation.inside[0], me)
        except Exception:
            pass

    async def cleanup(self, operation, me):
        body, after = operation.inside
        try:
            await self.run(body, me)
        finally:
            await self.run(after, me)

    # --- the whole program

    async def run_program(self, roots):
        for root in roots:
            self.start(root)
        await pass_turns(TURNS)
        await self.kill()
        self.trace.stop()
        for task in filter(None, self.tasks):
            self.trace.add(f"={result(task)}", task)
        return " ".join(self.trace.words)

    async def kill(self):
        for _ in range(KILLS):
            pending = [task for task in self.tasks if task and not task.done()]
            if not pending:
                return
            self.trace.words.append(f"kill:{len(pending)}")
            for task in pending:
                task.cancel("kill")
            await pass_turns(TURNS_OF_A_KILL)


async def pass_turns(n):
    for _ in range(n):
        await asyncio.sleep(0)


def result(task):
    if not task.done():
        return "pending"
    if task.cancelled():
        return "cancelled"
    return describe(task.exception()) if task.exception() else "ok"


async def main(program, task_factory):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)
    loop.set_task_factory(task_factory)
    return await Interpreter().run_program(Parser(program).program())


if __name__ == "__main__":
    if sys.version_info < (3, 14):
        sys.exit("the traces are those of CPython 3.14 or later")
    for line in sys.stdin:
        program = line.rstrip("\n").partition(": ")[2]
        print(line, end="")
        for task_factory in (None, asyncio.eager_task_factory):
            print(asyncio.run(main(program, task_factory)))

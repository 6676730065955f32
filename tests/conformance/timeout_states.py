# TMO-02, TMO-12: a scope is entered once, inside a task; its deadline moves only while it is active.
import asyncio
from scenario import error, log, run


def attempt(what, action):
    try:
        action()
        log(what, ": fine")
    except RuntimeError as e:
        log(what, ": ", error(e))


async def enter(scope):
    try:
        async with scope:
            log("entered")
    except RuntimeError as e:
        log(error(e))


async def main():
    scope = asyncio.timeout(3600)
    attempt("before the entry", lambda: scope.reschedule(None))
    async with scope:
        attempt("inside", lambda: scope.reschedule(None))
        await enter(scope)
    attempt("after the exit", lambda: scope.reschedule(None))
    await enter(scope)

    scope = asyncio.timeout(0)
    try:
        async with scope:
            await asyncio.sleep(0)
    except TimeoutError:
        attempt("after the deadline", lambda: scope.reschedule(None))


run(main)

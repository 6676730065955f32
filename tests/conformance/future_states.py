# FUT-01, FUT-02, FUT-04, FUT-05, FUT-06, FUT-07: one transition, and what each accessor does in each state.
import asyncio
from scenario import error, log, name, run


def attempt(what, action):
    try:
        log("  ", what, ": ", action())
    except BaseException as e:
        log("  ", what, ": ", error(e) if isinstance(e, ValueError) else name(e))


def show(what, future):
    log(what, ": done ", future.done(), ", cancelled ", future.cancelled())
    attempt("result", future.result)
    attempt("exception", lambda: error(future.exception()) if future.exception() else "none")


def change(future):
    attempt("set_result", lambda: future.set_result(9) or "fine")
    attempt("set_exception", lambda: future.set_exception(ValueError("other")) or "fine")
    attempt("cancel", future.cancel)


async def main():
    loop = asyncio.get_running_loop()
    pending = loop.create_future()
    show("pending", pending)
    pending.cancel()

    finished = loop.create_future()
    finished.set_result(1)
    show("finished", finished)
    change(finished)
    show("still", finished)

    failed = loop.create_future()
    failed.set_exception(ValueError("stored"))
    show("failed", failed)
    change(failed)
    show("still", failed)

    cancelled = loop.create_future()
    log("cancel ", cancelled.cancel())
    show("cancelled", cancelled)
    change(cancelled)
    show("still", cancelled)


run(main)

# CBK-01, CBK-09: callbacks run first-in first-out; one scheduled by a callback waits for the next turn.
import asyncio
from scenario import log, run, turns


async def main():
    loop = asyncio.get_running_loop()

    def first():
        log("first")
        loop.call_soon(log, "from first")

    def second():
        log("second")
        loop.call_soon(log, "from second")

    loop.call_soon(first)
    loop.call_soon(second)
    cancelled = loop.call_soon(log, "never")
    cancelled.cancel()
    loop.call_soon(log, "arguments ", 1, " ", 2)
    log("main goes on")
    await asyncio.sleep(0)
    log("main, a turn later")
    await asyncio.sleep(0)
    log("main, two turns later; cancelled: ", cancelled.cancelled())

    # A callback that is already queued can still be cancelled by one before it.
    handles = []
    loop.call_soon(lambda: handles[0].cancel())
    handles.append(loop.call_soon(log, "never"))
    loop.call_soon(log, "last")
    await turns(2)


run(main)

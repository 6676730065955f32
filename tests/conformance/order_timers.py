# CBK-04, CBK-06, CBK-07: timers run in deadline order, whatever the order of their creation; cancelled ones never.
import asyncio
from scenario import log, ms, run_timed


async def main():
    loop = asyncio.get_running_loop()

    def at(what):
        log(what, " at ", ms())

    loop.call_later(0.030, at, "30")
    loop.call_later(0.010, at, "10")
    loop.call_later(0.020, at, "20")
    cancelled = loop.call_later(0.015, at, "never")
    loop.call_at(loop.time() + 0.025, at, "25")
    timer = loop.call_later(0.040, at, "40")
    log("when ", round((timer.when() - loop.time()) * 1000), " ", timer.cancelled())
    loop.call_later(0.012, cancelled.cancel)
    await asyncio.sleep(0.050)
    at("main")
    log("cancelled: ", cancelled.cancelled())


run_timed(main)

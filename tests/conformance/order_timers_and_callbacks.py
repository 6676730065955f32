# 0.2 (1), CBK-04: in one turn what is queued runs before the timers that are due; overdue timers run by deadline.
import asyncio
from scenario import log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    now = loop.time()
    loop.call_at(now - 1, log, "a second late")
    loop.call_at(now - 3, log, "three seconds late")
    loop.call_at(now - 2, log, "two seconds late")
    loop.call_soon(log, "soon")
    loop.call_soon(lambda: loop.call_soon(log, "soon, from a callback"))
    await asyncio.sleep(0)
    log("main, a turn later")
    await asyncio.sleep(0)
    log("main, two turns later")
    loop.call_later(-1, log, "negative delay")
    loop.call_soon(log, "soon again")
    await turns(2)


run(main)

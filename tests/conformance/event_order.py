# EVT-01, EVT-02: set() wakes all in order, once; who finds it set runs before those who are woken.
import asyncio
from scenario import log, logged_turns, run, tell, told


async def main():
    event = asyncio.Event()
    tasks = [told("1", event.wait()), told("2", event.wait())]
    await logged_turns(1)
    tasks.append(told("3", event.wait()))
    event.set()
    event.set()
    log("set ", event.is_set())
    await logged_turns(2)
    await tell("main", event.wait())
    await asyncio.wait(tasks)


run(main)

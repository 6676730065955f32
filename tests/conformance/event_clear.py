# EVT-03, EVT-05: cleared after set(), it still lets pass who was woken, and nobody else.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    event = asyncio.Event()
    a = told("a", event.wait())
    await turns(1)
    event.set()
    event.clear()
    b = told("b", event.wait())
    log("set ", event.is_set())
    await logged_turns(2)
    event.set()
    await logged_turns(1)
    event.clear()
    c = told("c", event.wait())
    await logged_turns(2)
    log("done ", c.done())
    event.set()
    await c


run(main)

# BAR-06: reset while some have left and some have not.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    barrier = asyncio.Barrier(2)
    tasks = [told(who, barrier.wait()) for who in ("a", "b", "c")]
    await turns(1)
    await barrier.reset()
    await logged_turns(6)
    log("waiting ", barrier.n_waiting)
    tasks.append(told("d", barrier.wait()))
    await asyncio.wait(tasks)


run(main)

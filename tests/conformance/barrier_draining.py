# BAR-03, BAR-04: who comes while it drains belongs to the next round.
import asyncio
from scenario import log, logged_turns, run, tell, told


async def main():
    barrier = asyncio.Barrier(2)
    tasks = [told(who, barrier.wait()) for who in ("a", "b", "c", "d", "e")]
    for _ in range(8):
        await logged_turns(1)
        log("waiting ", barrier.n_waiting)
    await tell("f", barrier.wait())
    await asyncio.wait(tasks)
    log("waiting ", barrier.n_waiting)


run(main)

# BAR-07, BAR-08: abort breaks it for those inside, those outside and those to come, until reset.
import asyncio
from scenario import error, log, logged_turns, run, told, turns


async def main():
    barrier = asyncio.Barrier(2)
    tasks = [told(who, barrier.wait()) for who in ("a", "b", "c", "d", "e")]
    await turns(1)
    await barrier.abort()
    log("broken ", barrier.broken, ", waiting ", barrier.n_waiting)
    await logged_turns(6)
    try:
        await barrier.wait()
    except asyncio.BrokenBarrierError as e:
        log(error(e))
    await barrier.reset()
    log("broken ", barrier.broken)
    tasks += [told("f", barrier.wait()), told("g", barrier.wait())]
    await asyncio.wait(tasks)


run(main)

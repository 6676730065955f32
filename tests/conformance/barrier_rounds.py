# BAR-01, BAR-02, BAR-04: all get a number, round after round.
import asyncio
from scenario import error, log, logged_turns, run, tell


async def main():
    try:
        asyncio.Barrier(0)
    except ValueError as e:
        log(error(e))
    single = asyncio.Barrier(1)
    await tell("alone", single.wait())
    await tell("alone", single.wait())
    barrier = asyncio.Barrier(3)
    log(barrier.parties, " ", barrier.n_waiting, " ", barrier.broken)

    async def party(who):
        for i in range(3):
            await tell(who + str(i), barrier.wait())

    tasks = [asyncio.create_task(party(who)) for who in ("a", "b")]
    await logged_turns(2)
    log("waiting ", barrier.n_waiting)
    tasks.append(asyncio.create_task(party("c")))
    await asyncio.wait(tasks)
    log("waiting ", barrier.n_waiting)


run(main)

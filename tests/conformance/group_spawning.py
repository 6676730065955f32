# TGR-05, TGR-19: children that keep spawning others are stopped by one failure, and the group ends.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    spawned = 0

    async def spawns(tg):
        nonlocal spawned
        spawned += 1
        await asyncio.sleep(0)
        try:
            if spawned < 1000:
                tg.create_task(spawns(tg))
        except RuntimeError as e:
            log("refused: ", name(e))
            raise

    async def fails():
        await turns(5)
        log("fails after ", spawned)
        raise ValueError("stop")

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(spawns(tg))
            tg.create_task(fails())
    except ExceptionGroup as e:
        log(error(e), ", spawned ", spawned)


run(main)

# AGN-01, CAN-01: a cancellation is raised where the body waits; it ends the generator, or is caught there.
import asyncio
from scenario import error, log, run, turns


async def stuck():
    try:
        yield 1
        await asyncio.sleep(3600)
    finally:
        log("left")


async def stubborn():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError as e:
        log("in the body: ", error(e))
    await asyncio.sleep(0)
    yield 2


async def main():
    generator = stuck()
    log(await anext(generator, None))

    async def step(generator):
        return await anext(generator, None)

    task = asyncio.create_task(step(generator))
    await turns(2)
    task.cancel("enough")
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e))
    log("next: ", await anext(generator, None))

    generator = stubborn()
    task = asyncio.create_task(step(generator))
    await turns(2)
    task.cancel("once")
    log(await task, " ", task.cancelled())
    log("next: ", await anext(generator, None))


run(main)

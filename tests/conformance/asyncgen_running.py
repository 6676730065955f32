# AGN-05: a second step, a throw and a close while one is under way are refused; that one goes on.
import asyncio
from scenario import error, log, run, turns


async def slow():
    await turns(5)
    yield 1
    yield 2


async def main():
    generator = slow()

    async def step():
        return await anext(generator, None)

    first = asyncio.create_task(step())
    await asyncio.sleep(0)
    try:
        await anext(generator)
    except RuntimeError as e:
        log(error(e))
    try:
        await generator.athrow(ValueError("x"))
    except RuntimeError as e:
        log(error(e))
    try:
        await generator.aclose()
    except RuntimeError as e:
        log(error(e))
    log(await first)
    log(await anext(generator, None))
    log(await anext(generator, None))


run(main)

# AGN-01: an error leaves by the step and ends the generator.
import asyncio
from scenario import error, log, run


async def failing():
    yield 1
    await asyncio.sleep(0)
    raise ValueError("broken")


async def main():
    generator = failing()
    log(await anext(generator, None))
    try:
        await anext(generator, None)
    except ValueError as e:
        log(error(e))
    log("again: ", await anext(generator, None))


run(main)

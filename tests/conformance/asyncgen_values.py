# AGN-01: the values, then the end, which stays; steps that need not wait take no turn.
import asyncio
from scenario import log, run


async def numbers(n):
    log("begins")
    for i in range(n):
        await asyncio.sleep(0)
        yield i
    log("ends")


async def at_once(n):
    for i in range(n):
        yield i


async def main():
    generator = numbers(3)
    log("made")
    async for value in generator:
        log(value)
    log("again: ", await anext(generator, None))

    asyncio.get_running_loop().call_soon(log, "a turn")
    async for value in at_once(3):
        log(value)
    await asyncio.sleep(0)


run(main)

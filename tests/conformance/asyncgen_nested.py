# AGN-01: nested generators: who runs when, and an error on its way through them.
import asyncio
from scenario import error, log, run


async def inner(n):
    for i in range(n):
        log("inner ", i)
        await asyncio.sleep(0)
        yield i
    raise ValueError("from inside")


async def middle(n):
    async for value in inner(n):
        log("middle ", value)
        yield value * 10
        await asyncio.sleep(0)


async def main():
    async def other():
        for i in range(6):
            log("other ", i)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    try:
        async for value in middle(2):
            log("main ", value)
    except ValueError as e:
        log(error(e))
    await task


run(main)

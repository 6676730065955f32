# AGN-06: asend() gives the yield its value; next() gives none.
import asyncio
from scenario import log, run


async def echo():
    sent = yield "first"
    while True:
        await asyncio.sleep(0)
        sent = yield "got " + ("nothing" if sent is None else sent)


async def main():
    generator = echo()
    log(await anext(generator))
    log(await generator.asend("x"))
    log(await anext(generator))
    log(await generator.asend("y"))
    await generator.aclose()


run(main)

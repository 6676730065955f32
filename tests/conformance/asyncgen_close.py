# AGN-04: aclose() ends it where it stands, without a turn; again, or before the start, it does nothing.
import asyncio
from scenario import log, run


async def numbers():
    try:
        for i in range(5):
            yield i
    finally:
        log("left")


async def main():
    generator = numbers()
    log(await anext(generator, None))
    asyncio.get_running_loop().call_soon(log, "a turn")
    await generator.aclose()
    log("closed")
    log("next: ", await anext(generator, None))
    await generator.aclose()
    log("closed again")
    await asyncio.sleep(0)

    unstarted = numbers()
    await unstarted.aclose()
    log("next: ", await anext(unstarted, None))


run(main)

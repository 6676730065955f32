# AGN-03: shutdown_asyncgens() ends what was iterated; run() does it after the tasks.
import asyncio
from scenario import log, run


kept = []


async def numbers(name):
    try:
        for i in range(5):
            yield i
    finally:
        log(name, " left")


async def main():
    loop = asyncio.get_running_loop()
    generator = numbers("first")
    log(await anext(generator, None))
    await loop.shutdown_asyncgens()
    log("next: ", await anext(generator, None))

    async def forever():
        try:
            await asyncio.sleep(3600)
        finally:
            log("task left")

    kept.append(asyncio.create_task(forever()))
    kept.append(numbers("second"))
    log(await anext(kept[1], None))
    await asyncio.sleep(0)
    log("main ends")


run(main)

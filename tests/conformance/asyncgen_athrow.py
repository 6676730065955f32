# AGN-06: athrow() is raised by the yield; what the body does with it decides.
import asyncio
from scenario import error, log, run


async def catching():
    n = 0
    while n < 2:
        try:
            yield n
        except ValueError as e:
            log("caught ", error(e))
            n += 1


async def main():
    generator = catching()
    log(await anext(generator, None))
    log(await generator.athrow(ValueError("a")))
    log(await anext(generator, None))
    try:
        await generator.athrow(ValueError("b"))
    except StopAsyncIteration:
        log("ended")

    generator = catching()
    log(await anext(generator, None))
    try:
        await generator.athrow(RuntimeError("c"))
    except RuntimeError as e:
        log(error(e))
    log("next: ", await anext(generator, None))

    generator = catching()
    try:
        await generator.athrow(ValueError("before the start"))
    except ValueError as e:
        log(error(e))
    log("next: ", await anext(generator, None))


run(main)

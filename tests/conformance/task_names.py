# TASK-07: default names count up, and only unnamed tasks count.
import asyncio
from scenario import log, run


async def main():
    async def work():
        return asyncio.current_task().get_name()

    first = asyncio.create_task(work())
    named = asyncio.create_task(work(), name="mine")
    second = asyncio.create_task(work())
    prefix, number = first.get_name().split("-")
    log(prefix, ", ", int(second.get_name().split("-")[1]) - int(number))
    log(named.get_name(), ", inside ", await named)
    original = second.get_name()
    second.set_name("renamed")
    log(second.get_name(), ", inside the original ", await second == original)
    await first


run(main)

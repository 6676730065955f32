# SYN-05: the scope waits, and gives the number.
import asyncio
from scenario import log, run, turns


async def main():
    barrier = asyncio.Barrier(2)

    async def party(who):
        async with barrier as index:
            log(who, " ", index)
            await turns(1)
        log(who, " left")

    await asyncio.gather(party("a"), party("b"))


run(main)

# ASC-02: the plain form: each awaitable gives the next completion, whichever is awaited first.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def work(value, n):
        await turns(n)
        return value

    async def fails(n):
        await turns(n)
        raise ValueError("member")

    for awaitable in asyncio.as_completed([asyncio.create_task(work(v, n)) for v, n in (("c", 5), ("a", 1), ("b", 3))]):
        log(await awaitable)

    for awaitable in asyncio.as_completed([asyncio.create_task(work("slow", 4)), asyncio.create_task(fails(2))]):
        try:
            log(await awaitable)
        except ValueError as e:
            log(error(e))

    awaitables = list(asyncio.as_completed([asyncio.create_task(work("slow", 4)), asyncio.create_task(work("fast", 1))]))
    log("the second first: ", await awaitables[1])
    log("then the first: ", await awaitables[0])


run(main)

# ASC-03: one iterator: leaving the loop and iterating again goes on where it was.
import asyncio
from scenario import log, run, turns


async def main():
    async def work(value, n):
        await turns(n)
        return value

    iterator = asyncio.as_completed([asyncio.create_task(work(n, n)) for n in (7, 1, 5, 3)])
    async for task in iterator:
        log("first loop ", await task)
        break
    log("between")
    async for task in iterator:
        log("second loop ", await task)
        if task.result() == 5:
            break
    await turns(5)
    async for task in iterator:
        log("third loop ", task.result())
    async for task in iterator:
        log("never")


run(main)

# GAT-07: with return_exceptions errors and cancellations become results, and the gather waits for all.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def value(n):
        await turns(n)
        log("value after ", n)
        return n

    async def fails(text):
        raise ValueError(text)

    child = asyncio.get_running_loop().create_future()
    all_of_them = asyncio.gather(value(5), fails("no"), child, value(1), return_exceptions=True)
    await turns(2)
    child.cancel("not needed")
    for outcome in await all_of_them:
        log(error(outcome) if isinstance(outcome, BaseException) else outcome)


run(main)

# GAT-01, GAT-02, GAT-03: results in argument order whatever the completion order; the work starts at the call.
import asyncio
from scenario import log, run, turns


async def main():
    async def work(name, n):
        log(name, " starts")
        await turns(n)
        log(name, " ends")
        return name

    log(", ".join(await asyncio.gather(work("a", 3), work("b", 1), work("c", 2))))

    unawaited = asyncio.gather(work("d", 1), work("e", 0))
    await turns(4)
    log("done ", unawaited.done(), ": ", ", ".join(unawaited.result()))

    log("empty: ", len(await asyncio.gather()))

    task = asyncio.create_task(work("f", 1))
    log(", ".join(await asyncio.gather(task, work("g", 0), task)))

    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, "future")
    log(", ".join(await asyncio.gather(future, work("h", 2))))


run(main)

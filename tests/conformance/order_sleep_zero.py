# SLP-02: sleep(0) and sleep(negative) let everything queued before run once.
import asyncio
from scenario import log, run


async def main():
    async def worker(name, pause):
        for i in range(3):
            log(name, " ", i)
            await asyncio.sleep(pause)
        log(name, " ends")

    a = asyncio.create_task(worker("a", 0))
    b = asyncio.create_task(worker("b", -1))
    c = asyncio.create_task(worker("c", 0))
    asyncio.get_running_loop().call_soon(log, "callback")
    log("value ", await asyncio.sleep(0, 7))
    await a
    log("main after a: ", b.done(), " ", c.done())
    await b
    await c
    log("main ends")


run(main)

# CAN-02: a task parked in sleep(0), or about to run, is cancelled at that point.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def work(name):
        log(name, " starts")
        try:
            for i in range(3):
                await asyncio.sleep(0)
                log(name, " ", i)
        except asyncio.CancelledError as e:
            log(name, " ", error(e))
            raise

    first = asyncio.create_task(work("first"))
    second = asyncio.create_task(work("second"))
    await asyncio.sleep(0)
    first.cancel("one")
    await asyncio.sleep(0)
    log("first is cancelled: ", first.cancelled(), ", second is done: ", second.done())
    second.cancel("two")
    await turns(2)
    log("second is cancelled: ", second.cancelled())


run(main)

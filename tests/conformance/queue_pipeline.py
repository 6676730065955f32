# QUE-02, QUE-08: the example of Python's documentation, in virtual time.
import asyncio
from scenario import log, ms, run_timed


async def main():
    queue = asyncio.Queue(4)

    async def producer(who, delay):
        for i in range(4):
            await asyncio.sleep(delay / 1000)
            await queue.put(who + str(i))
            log(ms(), " put ", who, i)

    async def consumer(who, delay):
        while True:
            item = await queue.get()
            log(ms(), " ", who, " got ", item)
            await asyncio.sleep(delay / 1000)
            queue.task_done()

    consumers = [asyncio.create_task(consumer("x", 73)), asyncio.create_task(consumer("y", 131))]
    await asyncio.gather(producer("a", 10), producer("b", 19), producer("c", 27))
    await queue.join()
    log(ms(), " all done")
    for task in consumers:
        task.cancel()
    await asyncio.wait(consumers)
    log(consumers[0].cancelled(), " ", consumers[1].cancelled())


run_timed(main)

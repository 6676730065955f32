# ASC-07: a step that is cancelled does not consume a completion.
import asyncio
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(2)]
    iterator = asyncio.as_completed(futures)

    async def step():
        return (await anext(iterator)).result()

    task = asyncio.create_task(step())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as e:
        log(name(e))
    futures[1].set_result("second")
    futures[0].set_result("first")
    count = 0
    async for future in iterator:
        count += 1
        log(await future)
    log("count ", count)


run(main)

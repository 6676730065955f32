# FUT-08, 0.2 (3, 4): a waiting task is one of the done callbacks; resolving runs nobody inline; who comes late overtakes.
import asyncio
from scenario import log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    async def waiter(name):
        value = await future
        log(name, " woke with ", value)

    async def late():
        await asyncio.sleep(0)
        log("late reaches the future, done: ", future.done())
        log("late has ", await future)

    future.add_done_callback(lambda f: log("callback 1: ", f.result()))
    tasks = [asyncio.create_task(waiter("waiter 1"))]
    await asyncio.sleep(0)
    future.add_done_callback(lambda f: log("callback 2: ", f.result()))
    tasks.append(asyncio.create_task(waiter("waiter 2")))
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(late()))
    await asyncio.sleep(0)
    future.set_result(42)
    log("resolved, nobody ran")
    future.add_done_callback(lambda f: log("callback 3, after the fact"))
    await turns(3)
    log("all done: ", all([t.done() for t in tasks]))
    log("main has ", await future)


run(main)

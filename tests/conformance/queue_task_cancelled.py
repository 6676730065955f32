# QUE-05, QUE-06, CAN-06: create_task(queue.get()) and create_task(queue.put()) cancelled in the turn of the hand-off.
import asyncio
from scenario import log, logged_turns, run, told, turns


async def main():
    queue = asyncio.Queue(1)
    get = asyncio.create_task(queue.get())
    await turns(1)
    queue.put_nowait(1)
    log("taken ", get.cancel())
    await logged_turns(2)
    log("cancelled ", get.cancelled(), ", size ", queue.qsize())
    put = asyncio.create_task(queue.put(2))
    other = told("other", queue.put(3))
    await turns(1)
    log(queue.get_nowait())
    log("taken ", put.cancel())
    await logged_turns(3)
    log("cancelled ", put.cancelled(), ", ", queue.get_nowait())


run(main)

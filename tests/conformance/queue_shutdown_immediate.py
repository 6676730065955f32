# QUE-10, QUE-11: an immediate shutdown drops what is left, also after a soft one.
import asyncio
from scenario import error, log, logged_turns, run, told, turns


async def main():
    queue = asyncio.Queue(3)
    for i in range(3):
        queue.put_nowait(i)
    log(queue.get_nowait())
    queue.put_nowait(3)
    tasks = [told("put", queue.put(4)), told("join", queue.join())]
    await turns(1)
    queue.shutdown()
    log("size ", queue.qsize())
    queue.shutdown(immediate=True)
    log("size ", queue.qsize())
    await logged_turns(2)
    queue.task_done()
    await logged_turns(1)
    try:
        queue.task_done()
    except ValueError as e:
        log(error(e))
    await asyncio.wait(tasks)

    other = asyncio.Queue()
    other.put_nowait(1)
    tasks = [told("join", other.join())]
    await turns(1)
    other.shutdown(immediate=True)
    await logged_turns(1)
    try:
        await other.get()
    except asyncio.QueueShutDown as e:
        log(error(e))


run(main)

# QUE-09, QUE-11: after a shutdown puts raise, gets take what is left; join waits on.
import asyncio
from scenario import logged_turns, run, tell, told, turns


async def main():
    queue = asyncio.Queue(2)
    queue.put_nowait(1)
    queue.put_nowait(2)
    tasks = [told("put 3", queue.put(3)), told("join", queue.join())]
    await turns(1)
    queue.shutdown()
    await logged_turns(2)
    for what, awaitable in (("put 4", queue.put(4)), ("get", queue.get()), ("get", queue.get()), ("get", queue.get())):
        try:
            await tell(what, awaitable)
        except asyncio.QueueShutDown:
            pass
    queue.task_done()
    await logged_turns(1)
    queue.task_done()
    await logged_turns(2)
    await asyncio.wait(tasks)

    empty = asyncio.Queue()
    tasks = [told("a", empty.get()), told("b", empty.get())]
    await turns(1)
    empty.put_nowait(1)
    empty.shutdown()
    empty.shutdown()
    await logged_turns(2)
    await asyncio.wait(tasks)


run(main)

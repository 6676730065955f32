# QUE-03, QUE-08, QUE-15: what the calls that do not wait refuse.
import asyncio
from scenario import error, log, run


async def main():
    queue = asyncio.Queue(1)
    for act in (queue.get_nowait, lambda: queue.put_nowait(1), lambda: queue.put_nowait(2), queue.task_done, queue.task_done):
        try:
            act()
            log("done")
        except Exception as e:
            log(error(e))
    queue.shutdown()
    for act in (lambda: queue.put_nowait(3), lambda: log(queue.get_nowait()), queue.get_nowait):
        try:
            act()
            log("done")
        except Exception as e:
            log(error(e))


run(main)

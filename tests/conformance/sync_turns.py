# The turns that each operation takes.
import asyncio
from scenario import Turns, run


async def main():
    lock, event, semaphore, condition = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(1), asyncio.Condition()
    barrier, queue = asyncio.Barrier(2), asyncio.Queue(1)
    loop = asyncio.get_running_loop()

    async def notified():
        async with condition:
            await condition.wait()

    async def notifies():
        async with condition:
            condition.notify()

    async with Turns() as t:
        await t.measure("a free lock", lambda: lock.acquire())
        loop.call_soon(lock.release)
        await t.measure("a lock", lambda: lock.acquire())
        loop.call_soon(event.set)
        await t.measure("an event", lambda: event.wait())
        await t.measure("a set event", lambda: event.wait())
        await t.measure("a permit", lambda: semaphore.acquire())
        loop.call_soon(semaphore.release)
        await t.measure("no permit", lambda: semaphore.acquire())
        task = asyncio.create_task(notified())
        await t.measure("notifying", lambda: notifies())
        await t.measure("notified", lambda: task)
        other = asyncio.create_task(barrier.wait())
        await t.measure("a barrier", lambda: barrier.wait())
        await t.measure("its other party", lambda: other)
        await t.measure("a put", lambda: queue.put(1))
        await t.measure("a get", lambda: queue.get())
        loop.call_soon(queue.put_nowait, 2)
        await t.measure("a get that waits", lambda: queue.get())
        loop.call_soon(queue.task_done)
        loop.call_soon(queue.task_done)
        await t.measure("a join", lambda: queue.join())


run(main)

# GAT-08, GAT-10: cancelling the gather cancels every child; its awaiter resumes with the first that reports it.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    async def cleans(who, n):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await turns(n)
            log(who, " cleaned up")
            raise

    async def finished():
        return 1

    done = asyncio.create_task(finished())
    await turns(2)
    children = [asyncio.create_task(cleans("slow", 4)), asyncio.create_task(cleans("fast", 1))]
    both = asyncio.gather(*children, done)
    await asyncio.sleep(0)
    log("cancel ", both.cancel("stop"), ", done ", both.done())
    try:
        await both
    except asyncio.CancelledError as e:
        log(name(e), ", slow done ", children[0].done(), ", gather cancelled ", both.cancelled())
    await turns(6)
    log("slow cancelled ", children[0].cancelled())

    # The same through the task that awaits.
    async def awaits():
        await asyncio.gather(cleans("slow", 4), cleans("fast", 1))

    task = asyncio.create_task(awaits())
    await turns(2)
    task.cancel("outer")
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e))
    await turns(6)

    # With return_exceptions it waits for all, then raises all the same.
    both = asyncio.gather(cleans("slow", 4), cleans("fast", 1), return_exceptions=True)
    await asyncio.sleep(0)
    log("cancel ", both.cancel("outcomes"))
    try:
        await both
    except asyncio.CancelledError as e:
        log(error(e))


run(main)

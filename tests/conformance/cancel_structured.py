# CAN-16: a scope written with cancel() and uncancel() tells its own cancellation from another's.
import asyncio
from scenario import log, run, turns


async def main():
    async def scope(name, turns_to_go, work):
        """What asyncio.timeout() does, counted in turns."""
        task = asyncio.current_task()
        fired = False

        async def trigger():
            nonlocal fired
            await turns(turns_to_go)
            fired = True
            task.cancel()

        timer = asyncio.create_task(trigger())
        try:
            await work
            log(name, " ended in time")
        except asyncio.CancelledError:
            if fired and task.uncancel() == 0:
                log(name, " was its own cancellation")
            else:
                log(name, " passes it on")
                raise
        finally:
            timer.cancel()

    async def work():
        await scope("inner", 10, turns(2))
        await scope("inner", 2, turns(10))
        log("between, cancelling ", asyncio.current_task().cancelling())
        await scope("outer", 4, scope("inner", 10, turns(20)))
        log("after, cancelling ", asyncio.current_task().cancelling())
        await scope("last", 30, turns(60))
        log("ends, cancelling ", asyncio.current_task().cancelling())

    task = asyncio.create_task(work())
    await task
    log("cancelled ", task.cancelled())

    async def foreign():
        await scope("scope", 20, turns(60))
        log("never")

    task = asyncio.create_task(foreign())
    await turns(5)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log("foreign, cancelling ", task.cancelling())


run(main)

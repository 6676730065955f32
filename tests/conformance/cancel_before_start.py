# CAN-01, CAN-03, CAN-04, CAN-12: a task cancelled before its first step never runs a statement.
import asyncio
from scenario import error, log, run


async def main():
    async def work():
        try:
            log("never")
        finally:
            log("never")

    task = asyncio.create_task(work())
    log("cancel ", task.cancel("too early"), ", done ", task.done(), ", cancelled ", task.cancelled())
    try:
        await task
    except asyncio.CancelledError as e:
        log(error(e))
    log("done ", task.done(), ", cancelled ", task.cancelled(), ", cancelling ", task.cancelling())
    log("cancel ", task.cancel())


run(main)

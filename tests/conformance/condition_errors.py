# CND-02, CND-06: wait and notify without the lock, which may be held by anyone.
import asyncio
from scenario import error, log, run


async def main():
    condition = asyncio.Condition()
    try:
        await condition.wait()
    except RuntimeError as e:
        log(error(e))
    for notify in (condition.notify, condition.notify_all, condition.release):
        try:
            notify()
        except RuntimeError as e:
            log(error(e))
    await condition.acquire()

    async def other():
        condition.notify()
        log("notified by another task")
        condition.release()

    await asyncio.create_task(other())
    log("locked ", condition.locked())


run(main)

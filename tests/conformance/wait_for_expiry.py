# WFR-03, WFR-04, WFR-05: on expiry the inner is cancelled and awaited; its answer decides.
import asyncio
from scenario import error, log, ms, name, run_timed


async def main():
    async def inner(answer):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            log("cancelled at ", ms())
            await asyncio.sleep(0.05)
            if answer == "error":
                raise ValueError("from the clean-up")
            if answer == "value":
                return "a value after all"
            raise

    for answer in "cancelled", "error", "value":
        before = ms()
        try:
            log(await asyncio.wait_for(inner(answer), 0.1))
        except TimeoutError as e:
            log(name(e))
        except ValueError as e:
            log(error(e))
        log("after ", ms() - before, ", cancelling ", asyncio.current_task().cancelling())

    # The same with a task of its own.
    for answer in "cancelled", "error", "value":
        before = ms()
        task = asyncio.create_task(inner(answer))
        try:
            log(await asyncio.wait_for(task, 0.1))
        except TimeoutError as e:
            log(name(e))
        except ValueError as e:
            log(error(e))
        log("after ", ms() - before, ", task done ", task.done(), ", cancelled ", task.cancelled())


run_timed(main)

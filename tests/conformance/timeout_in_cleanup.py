# TMO-16, TMO-07: a scope inside the clean-up of an expired one works; the error that leaves last is the one seen.
import asyncio
from scenario import log, ms, name, run_timed


async def main():
    task = asyncio.current_task()
    try:
        async with asyncio.timeout(0.1):
            try:
                await asyncio.sleep(1)
            finally:
                log("cleans up at ", ms(), ", cancelling ", task.cancelling())
                try:
                    async with asyncio.timeout(0.1):
                        await asyncio.sleep(1)
                except TimeoutError as e:
                    log("in the clean-up ", name(e), " at ", ms(), ", cancelling ", task.cancelling())
    except TimeoutError as e:
        log(name(e), " at ", ms(), ", cancelling ", task.cancelling())

    try:
        async with asyncio.timeout(0.1):
            try:
                await asyncio.sleep(1)
            finally:
                async with asyncio.timeout(0.1):
                    await asyncio.sleep(1)
    except TimeoutError as e:
        log(name(e), " at ", ms(), ", cancelling ", task.cancelling())
    await asyncio.sleep(0)
    log("end")


run_timed(main)

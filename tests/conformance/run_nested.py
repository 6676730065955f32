# RUN-03: run() inside a running loop fails at once and starts nothing.
import asyncio
import warnings
from scenario import log, name, run

warnings.simplefilter("ignore")


async def never():
    log("never")


async def main():
    try:
        asyncio.run(never())
    except RuntimeError as e:
        log(name(e))
    runner = asyncio.Runner()
    try:
        runner.run(never())
    except RuntimeError as e:
        log(name(e))
    try:
        asyncio.get_running_loop().run_until_complete(asyncio.get_running_loop().create_future())
    except RuntimeError as e:
        log(name(e))
    await asyncio.sleep(0)
    log("the loop goes on")


run(main)

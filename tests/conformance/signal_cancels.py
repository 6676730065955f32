# SIG-01: how servers end: the signal cancels the main task, whose clean-up runs.
import asyncio
import os
import signal
from scenario import log, name, run, turns


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError as e:
        log(name(e))
        await turns(3)
        log("clean")


run(main)

# SIG-01: a handler that raises is reported; it stays, and the loop goes on.
import asyncio
import os
import signal
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    reported = asyncio.Event()

    def report(_, context):
        log("reported ", error(context["exception"]))
        reported.set()

    def handler():
        raise ValueError("oops")

    loop.set_exception_handler(report)
    loop.add_signal_handler(signal.SIGUSR1, handler)
    for _ in range(2):
        reported.clear()
        os.kill(os.getpid(), signal.SIGUSR1)
        await reported.wait()
    log(loop.remove_signal_handler(signal.SIGUSR1))


run(main)

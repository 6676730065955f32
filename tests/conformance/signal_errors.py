# SIG-01, SIG-02: what is no signal, and what cannot be caught.
import asyncio
import signal
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()
    for signum in 0, 1000:
        try:
            loop.add_signal_handler(signum, log)
        except ValueError as e:
            log(error(e))
        try:
            loop.remove_signal_handler(signum)
        except ValueError as e:
            log(error(e))
    for signum in 9, 19:
        try:
            loop.add_signal_handler(signum, log)
        except RuntimeError as e:
            log(error(e))
    log(loop.remove_signal_handler(9))


run(main)

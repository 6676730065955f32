# SIG-01, SIG-02, SIG-03: a handler is called by the loop, with its arguments, each time, until it is removed.
import asyncio
import os
import signal
from scenario import log, run


async def main():
    loop = asyncio.get_running_loop()
    called = asyncio.Event()

    def handler(what, number):
        log(what, " ", number, ", task ", asyncio.current_task())
        called.set()

    async def send(signum):
        called.clear()
        os.kill(os.getpid(), signum)
        log("sent")
        await called.wait()

    loop.add_signal_handler(signal.SIGUSR1, handler, "usr1", 1)
    loop.add_signal_handler(signal.SIGUSR2, handler, "usr2", 2)
    await send(signal.SIGUSR1)
    await send(signal.SIGUSR2)
    await send(signal.SIGUSR1)
    loop.add_signal_handler(signal.SIGUSR1, handler, "replaced", 3)
    await send(signal.SIGUSR1)
    log(loop.remove_signal_handler(signal.SIGUSR1), " ", loop.remove_signal_handler(signal.SIGUSR1))
    log(loop.remove_signal_handler(signal.SIGUSR2), " ", loop.remove_signal_handler(signal.SIGHUP))


run(main)

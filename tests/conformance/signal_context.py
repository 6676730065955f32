# SIG-01: a handler runs in a copy of its maker's context.
import asyncio
import contextvars
import os
import signal
from scenario import log, run

number = contextvars.ContextVar("number", default=0)


async def main():
    loop = asyncio.get_running_loop()
    called = asyncio.Event()

    def handler():
        log("sees ", number.get())
        number.set(number.get() + 1)
        called.set()

    number.set(5)
    loop.add_signal_handler(signal.SIGUSR1, handler)
    number.set(70)
    for _ in range(2):
        called.clear()
        os.kill(os.getpid(), signal.SIGUSR1)
        await called.wait()
    log("maker sees ", number.get())


run(main)

# SIG-01: signals that come while the loop is busy are all delivered, in their order.
import asyncio
import os
import signal
from scenario import log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    calls = 0

    def handler(what):
        nonlocal calls
        log(what)
        calls += 1
        if calls == 5:
            done.set_result(None)

    loop.add_signal_handler(signal.SIGUSR1, handler, "usr1")
    loop.add_signal_handler(signal.SIGUSR2, handler, "usr2")
    for signum in signal.SIGUSR2, signal.SIGUSR1, signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1:
        os.kill(os.getpid(), signum)
    log("sent")
    await done
    await turns(3)
    log("calls ", calls)


run(main)

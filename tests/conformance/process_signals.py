# SUB-07, SUB-08: signals, handled and not; what a signal ended has a negative returncode.
import asyncio
import signal
from asyncio.subprocess import PIPE
from scenario import log, run, shown


async def main():
    async def start(script):
        process = await asyncio.create_subprocess_shell(script + "; echo ready; while :; do sleep 0.01; done", stdout=PIPE)
        log(shown(await process.stdout.readline()))
        return process

    process = await start(":")
    process.terminate()
    log(await process.wait())

    process = await start(":")
    process.kill()
    log(await process.wait())

    process = await start("trap 'exit 9' TERM")
    process.terminate()
    log(await process.wait())

    process = await start("trap 'echo got it' USR1")
    process.send_signal(signal.SIGUSR1)
    log(shown(await process.stdout.readline()), " ", process.returncode)
    process.send_signal(signal.SIGHUP)
    log(await process.wait(), " ", process.returncode)


run(main)

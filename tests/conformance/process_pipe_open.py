# SUB-06: wait() returns although a grandchild holds the pipe open; its output comes later.
import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from scenario import log, run, shown, turns


async def main():
    process = await asyncio.create_subprocess_shell("sleep 1000 & echo $!", stdout=PIPE)
    log(await process.wait())
    grandchild = int(await process.stdout.readline())
    rest = asyncio.create_task(process.stdout.read())
    await turns(5)
    log("done ", rest.done())
    os.kill(grandchild, signal.SIGKILL)
    log(shown(await rest), ", at_eof ", process.stdout.at_eof())


run(main)

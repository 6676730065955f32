# SUB-05, SUB-06: giving up on a program, which runs on until it is killed.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, name, run, shown


async def main():
    process = await asyncio.create_subprocess_shell("echo early; exec sleep 1000", stdin=PIPE, stdout=PIPE)
    log(shown(await process.stdout.readline()))
    try:
        await asyncio.wait_for(process.communicate(), 0.02)
    except TimeoutError as e:
        log(name(e), " ", process.returncode)
    try:
        await asyncio.wait_for(process.wait(), 0.02)
    except TimeoutError as e:
        log(name(e), " ", process.returncode)
    process.kill()
    out, err = await process.communicate()
    log(shown(out), " ", err, " ", process.returncode)


run(main)

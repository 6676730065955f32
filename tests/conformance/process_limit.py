# SUB-10: the limit of the readers; what has come can be read after the exit.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, name, run, shown


async def main():
    process = await asyncio.create_subprocess_shell("echo 123456789; echo 123", stdout=PIPE, limit=5)
    log(await process.wait())
    try:
        await process.stdout.readline()
    except ValueError as e:
        log(name(e))
    log(shown(await process.stdout.readline()))
    log(shown(await process.stdout.readline()))


run(main)

# SUB-11: a program or a directory that is not there.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, name, run


async def main():
    try:
        await asyncio.create_subprocess_exec("/no/such/program", stdin=PIPE, stdout=PIPE)
    except OSError as e:
        log(name(e))
    try:
        await asyncio.create_subprocess_exec("no-such-program")
    except OSError as e:
        log(name(e))
    try:
        await asyncio.create_subprocess_exec("true", cwd="/no/such/folder")
    except OSError as e:
        log(name(e))
    try:
        await asyncio.create_subprocess_exec("true", "embedded\0null")
    except ValueError as e:
        log(name(e), " ", e)
    process = await asyncio.create_subprocess_exec("true")
    log(await process.wait())


run(main)

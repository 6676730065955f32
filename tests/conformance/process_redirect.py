# SUB-03: stderr to where stdout goes, the null device, a file of one's own.
import asyncio
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from scenario import log, run, shown


async def main():
    command = "cat; echo out; echo err >&2"
    process = await asyncio.create_subprocess_shell(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
    out, err = await process.communicate()
    log(shown(out), " ", err)

    process = await asyncio.create_subprocess_shell(command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    out, err = await process.communicate()
    log(out, " ", shown(err))

    with tempfile.TemporaryFile() as file:
        process = await asyncio.create_subprocess_shell(command, stdin=DEVNULL, stdout=file, stderr=STDOUT)
        await process.wait()
        file.seek(0)
        log(shown(file.read()))


run(main)

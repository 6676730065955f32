# SUB-05: more than the pipes hold, both ways at the same time, and a program that does not read its input.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, run, shown


async def main():
    data = b"x" * 1000000
    process = await asyncio.create_subprocess_shell("tee /dev/stderr", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate(data)
    log(out == data, " ", err == data, " ", process.returncode)

    process = await asyncio.create_subprocess_exec("true", stdin=PIPE)
    await process.communicate(data)
    log(process.returncode)

    process = await asyncio.create_subprocess_shell("exec <&-; echo done", stdin=PIPE, stdout=PIPE)
    out, _ = await process.communicate(data)
    log(shown(out), " ", process.returncode)


run(main)

# SUB-01, SUB-05, SUB-07: input goes in, outputs come out; there is none where no pipe is.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, run, shown


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    log("returncode ", process.returncode, ", stderr ", process.stderr)
    out, err = await process.communicate(b"some data")
    log(shown(out), " ", err, " ", process.returncode)

    process = await asyncio.create_subprocess_shell("cat; echo error >&2; exit 4", stdin=PIPE, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate(b"")
    log(shown(out), " ", shown(err), " ", process.returncode)

    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    out, err = await process.communicate()
    log(shown(out), " ", process.returncode)

    process = await asyncio.create_subprocess_exec("true")
    out, err = await process.communicate()
    log(out, " ", err, " ", process.returncode)


run(main)

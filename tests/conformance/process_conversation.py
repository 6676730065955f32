# SUB-09, SUB-10: line by line, then the end of the input, then what is left of the output.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, run, shown


async def main():
    process = await asyncio.create_subprocess_exec("cat", "-n", stdin=PIPE, stdout=PIPE)
    for line in b"one\n", b"two\n":
        process.stdin.write(line)
        await process.stdin.drain()
        log(shown((await process.stdout.readline()).strip(b" ")))
    process.stdin.writelines([b"three\n", b"four"])
    log("can write eof ", process.stdin.can_write_eof())
    process.stdin.write_eof()
    log(await process.wait())
    log("at_eof ", process.stdout.at_eof())
    log(shown((await process.stdout.read()).replace(b" ", b"")))
    log("at_eof ", process.stdout.at_eof(), ", closing ", process.stdin.is_closing())


run(main)

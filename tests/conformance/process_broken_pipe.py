# SUB-09: writing to a program that is gone.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, run, turns


async def main():
    process = await asyncio.create_subprocess_exec("true", stdin=PIPE)
    log(await process.wait())
    await turns(5)
    try:
        process.stdin.write(b"x" * 200000)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        log("broken")
    log("closing ", process.stdin.is_closing())
    await process.communicate()
    log("end")


run(main)

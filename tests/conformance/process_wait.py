# SUB-06: any number of waits, before and after the exit; a cancelled one disturbs nobody.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, name, run, turns


async def main():
    async def wait(who):
        try:
            log(who, " ", await process.wait())
        except asyncio.CancelledError as e:
            log(who, " ", name(e))

    process = await asyncio.create_subprocess_shell("cat; exit 3", stdin=PIPE)
    tasks = [asyncio.create_task(wait(who)) for who in ("a", "b", "c")]
    await turns(3)
    tasks[1].cancel()
    await tasks[1]
    log("returncode ", process.returncode)
    process.stdin.close()
    await asyncio.gather(*tasks)
    log("returncode ", process.returncode)
    await wait("d")


run(main)

# SUB-01, SUB-05: many programs at the same time; each result belongs to its own.
import asyncio
from asyncio.subprocess import PIPE
from scenario import log, run


async def main():
    async def ask(i):
        process = await asyncio.create_subprocess_shell(f"read n; echo $((n * n)); exit {i}", stdin=PIPE, stdout=PIPE)
        out, _ = await process.communicate(b"%d\n" % i)
        return int(out) * 1000 + process.returncode

    log(await asyncio.gather(*[ask(i) for i in range(20)]))


run(main)

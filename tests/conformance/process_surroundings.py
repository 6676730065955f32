# SUB-01, SUB-02: working directory, environment, session, descriptors.
import asyncio
import os
from asyncio.subprocess import PIPE
from scenario import log, run, shown


async def main():
    async def output(command, **options):
        process = await asyncio.create_subprocess_shell(command, stdout=PIPE, **options)
        out, _ = await process.communicate()
        return process, out

    _, out = await output("pwd; echo $GREETING; echo ${HOME-none}", cwd="/usr", env={"GREETING": "hello"})
    log(shown(out))

    process, out = await output("cut -d' ' -f1,6 /proc/$$/stat", start_new_session=True)
    log(out == b"%d %d\n" % (process.pid, process.pid))

    reader, writer = os.pipe()
    os.write(writer, b"passed\n")
    _, out = await output(f"read line <&{reader}; echo $line", pass_fds=[reader])
    log(shown(out))
    os.close(reader)
    os.close(writer)

    _, out = await output(f"test -e /proc/$$/fd/{writer} || echo closed")
    log(shown(out))


run(main)

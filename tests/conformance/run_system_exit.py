# RUN-16, TASK-14, LOP-12: SystemExit in a task or a callback ends the run; the others are cancelled and awaited.
import asyncio
import logging
from scenario import log, name, turns

logging.getLogger("asyncio").disabled = True


async def exits(n):
    await turns(n)
    raise SystemExit(3)


async def waits(who):
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError as e:
        log(who, " ", name(e))
        await turns(2)
        log(who, " cleaned up")
        raise


async def from_task():
    child = asyncio.create_task(exits(2))
    await waits("main")
    del child


async def from_callback():
    def callback():
        raise SystemExit(4)

    asyncio.get_running_loop().call_soon(callback)
    await waits("main")


async def from_main():
    task = asyncio.create_task(waits("other"))
    await asyncio.sleep(0)
    main_error = SystemExit(5)
    raise main_error


for main in from_task, from_callback, from_main:
    try:
        asyncio.run(main())
    except SystemExit as e:
        log(name(e), " ", e.code)

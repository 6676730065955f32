# RUN-08, RUN-09: run() cancels what is left and waits for it; an error on the way is reported, the result stands.
import asyncio
from scenario import error, log, turns


async def cleans(who, n):
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError as e:
        await turns(n)
        log(who, " cleaned up")
        raise


async def fails():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        raise ValueError("in the clean-up")


async def ignores():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        await turns(8)
    log("ignored, and awaited all the same")


async def unstarted():
    log("starts in the last turn of the run")


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"], " ", error(c["exception"])))
    leftovers = [asyncio.create_task(c) for c in (cleans("slow", 5), cleans("fast", 2), fails(), ignores())]
    await asyncio.sleep(0)
    leftovers.append(asyncio.create_task(unstarted()))
    main.leftovers = leftovers
    log("main ends")
    return "result"


log(asyncio.run(main()))
log([t.cancelled() for t in main.leftovers])

# WAI-06: cancelling the wait leaves its members running.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def member():
        await turns(6)
        log("member ends")

    async def waits(task):
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as e:
            log(error(e), ", member cancelling ", task.cancelling())
            raise

    member_task = asyncio.create_task(member())
    task = asyncio.create_task(waits(member_task))
    await turns(2)
    task.cancel("the wait only")
    await turns(2)
    log("wait cancelled ", task.cancelled(), ", member done ", member_task.done())
    await member_task


run(main)

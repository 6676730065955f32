# TGR-02, TGR-04: children are refused before the entry, after the exit, and while the group is shutting down.
import asyncio
from scenario import log, name, run

PHRASES = ("has not been entered", "has already been entered", "is finished", "is shutting down")


def refused(e):
    return f"{name(e)}: " + "".join([p for p in PHRASES if p in str(e)])


async def main():
    async def child():
        log("never")

    def add(tg):
        try:
            tg.create_task(child())
        except RuntimeError as e:
            log(refused(e))

    async def fails():
        raise ValueError("no")

    tg = asyncio.TaskGroup()
    add(tg)
    async with tg:
        try:
            async with tg:
                log("never")
        except RuntimeError as e:
            log(refused(e))
    add(tg)

    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fails())
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                add(tg)
                raise
    except ExceptionGroup as e:
        log(name(e), " ", len(e.exceptions))


run(main)

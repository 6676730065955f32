# TMO-14, TMO-15: if both deadlines have passed, the inner scope sees the CancelledError pass and only the outer converts.
import asyncio
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    for outer_late, inner_late in (2, 1), (1, 2):
        outer, inner = asyncio.timeout_at(loop.time() - outer_late), asyncio.timeout_at(loop.time() - inner_late)
        try:
            async with outer:
                try:
                    async with inner:
                        await asyncio.sleep(3600)
                except BaseException as e:
                    log("inner ", name(e), ", cancelling ", task.cancelling())
                    raise
        except BaseException as e:
            log("outer ", name(e), ", cancelling ", task.cancelling())
        log("expired: outer ", outer.expired(), ", inner ", inner.expired())


run(main)

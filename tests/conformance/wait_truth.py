# WAI-02, WAI-04, WAI-08: who is done by the return counts, whether its callback ran or not; the wait always suspends.
import asyncio
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()
    try:
        await asyncio.wait([])
    except ValueError as e:
        log(name(e))

    a, b, c = (loop.create_future() for _ in range(3))
    loop.call_soon(a.set_result, 1)
    loop.call_soon(lambda: loop.call_soon(b.set_result, 2))
    done, pending = await asyncio.wait([a, b, c], return_when=asyncio.FIRST_COMPLETED)
    log("done: ", a in done, " ", b in done, " ", c in done, "; pending ", len(pending))

    loop.call_soon(log, "the wait on a done future suspends")
    done, pending = await asyncio.wait([a])
    log("back, done ", len(done))
    c.cancel()
    done, pending = await asyncio.wait([b, c], timeout=0)
    log("done ", len(done), ", pending ", len(pending))


run(main)

# LCK-04, SYN-05: releasing a free lock; the scope releases also when its body fails or releases itself.
import asyncio
from scenario import error, log, run


async def main():
    lock = asyncio.Lock()
    try:
        lock.release()
    except RuntimeError as e:
        log(error(e))

    async def body(what):
        async with lock:
            log("in the scope, locked ", lock.locked())
            if what == "fails":
                raise ValueError("broken")
            if what == "releases":
                lock.release()

    for what in ("ends", "fails", "releases"):
        try:
            await body(what)
        except Exception as e:
            log(error(e))
        log("locked ", lock.locked())


run(main)

# CAN-10: an error raised while handling the cancellation takes its place.
import asyncio
from scenario import error, log, run


class Custom(BaseException):
    pass


async def main():
    async def replaces(other):
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise other

    for other in ValueError("instead"), Custom("base"):
        task = asyncio.create_task(replaces(other))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except BaseException as e:
            log(error(e))
        log("cancelled ", task.cancelled(), ", exception ", error(task.exception()))


run(main)

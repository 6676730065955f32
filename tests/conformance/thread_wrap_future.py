# THR-04, THR-05: wrap_future awaits a thread's future on a loop; a loop's own future stays what it is.
import asyncio
from scenario import error, log, name, run, turns


async def main():
    loop = asyncio.get_running_loop()

    async def gives(value):
        await turns(2)
        return value

    async def fails():
        raise ValueError("there")

    async def waits():
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("inner ", name(e))
            raise

    log(await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(gives("value"), loop)))
    try:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fails(), loop))
    except ValueError as e:
        log(error(e))
    remote = asyncio.run_coroutine_threadsafe(waits(), loop)
    wrapped = asyncio.wrap_future(remote)
    await turns(3)
    log("cancel ", wrapped.cancel())
    await turns(5)
    log("remote cancelled ", remote.cancelled())
    own = loop.create_future()
    log("its own: ", asyncio.wrap_future(own) is own)


run(main)

# CORO-04, GAT-04: awaiting a future of another loop raises RuntimeError inside the coroutine; gathering it ValueError.
import asyncio
from scenario import log, name, run


async def main():
    other = asyncio.new_event_loop()
    foreign = other.create_future()

    async def waiter():
        try:
            await foreign
            log("never")
        except RuntimeError as e:
            log(name(e))
        await asyncio.sleep(0)
        return "goes on"

    log(await asyncio.create_task(waiter()))
    own = asyncio.get_running_loop().create_future()
    try:
        await asyncio.gather(own, foreign)
    except ValueError as e:
        log(name(e))
    log("own future done ", own.done())
    foreign.set_result(None)
    await foreign
    log("a done one may be awaited")
    other.close()


run(main)

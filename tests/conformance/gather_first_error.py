# GAT-05, GAT-11: the first error completes the gather; the others keep running, and their errors are not reported.
import asyncio
from scenario import error, log, run, turns


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, c: log("handler: ", c["message"]))

    async def fails(text, n):
        await turns(n)
        log("fails ", text)
        raise ValueError(text)

    async def survives(n):
        await turns(n)
        log("survivor ends")
        return "value"

    survivor = asyncio.create_task(survives(6))
    both = asyncio.gather(fails("late", 4), fails("early", 2), survivor)
    both.add_done_callback(lambda f: log("done, cancelled ", f.cancelled()))
    try:
        await both
    except ValueError as e:
        log(error(e), ", survivor done ", survivor.done())
    log("cancel ", both.cancel())
    log(await survivor)
    del both
    await turns(2)
    log("end")


run(main)

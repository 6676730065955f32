# FUT-08, FUT-09, TASK-10: done callbacks run in registration order, each in the turn after; removing one that is queued comes too late.
import asyncio
from scenario import log, run, turns


async def main():
    async def work():
        log("work")
        return 5

    task = asyncio.create_task(work())
    task.add_done_callback(lambda t: log("first ", t.result(), " ", t is task))

    def doomed(t):
        log("never")

    task.add_done_callback(doomed)
    task.add_done_callback(lambda t: log("second"))
    log("removed: ", task.remove_done_callback(doomed) > 0)
    log("removed again: ", task.remove_done_callback(doomed) > 0)
    await asyncio.sleep(0)
    log("done: ", task.done())
    await asyncio.sleep(0)
    log("a turn later")
    task.add_done_callback(lambda t: log("on a done task"))
    log("not inline")
    await asyncio.sleep(0)

    future = asyncio.get_running_loop().create_future()

    def third(f):
        log("third runs although it was removed")

    future.add_done_callback(lambda f: log("removes a queued one: ", f.remove_done_callback(third) > 0))
    future.add_done_callback(third)
    future.add_done_callback(lambda f: f.add_done_callback(lambda g: log("added by a callback")))
    future.set_result(None)
    await turns(3)


run(main)

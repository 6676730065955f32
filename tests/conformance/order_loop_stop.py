# LOP-07, LOP-09, LOP-10: stop() ends the loop after the turn in which it is called; what was added meanwhile waits for the next run.
import asyncio
from scenario import error, log

loop = asyncio.new_event_loop()


def first():
    log("first, running: ", loop.is_running())
    loop.call_soon(log, "added by first")
    loop.stop()


loop.call_soon(first)
loop.call_soon(log, "second")
loop.run_forever()
log("stopped, running: ", loop.is_running())
loop.call_soon(loop.stop)
loop.run_forever()
log("stopped again")
loop.stop()
loop.call_soon(log, "one turn of a loop that was stopped before")
loop.run_forever()


async def stops():
    log("stops")
    loop.stop()
    await asyncio.sleep(0)
    log("goes on in the next run")
    return 3


task = loop.create_task(stops())
try:
    loop.run_until_complete(task)
except RuntimeError as e:
    log(error(e), " done: ", task.done())
log("result ", loop.run_until_complete(task))
loop.close()
loop.close()
log("closed: ", loop.is_closed())
for what in (lambda: loop.call_soon(log, "never"), lambda: loop.call_later(1, log, "never"), loop.run_forever):
    try:
        what()
    except RuntimeError as e:
        log(error(e))

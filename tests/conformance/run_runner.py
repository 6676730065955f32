# RUN-06, RUN-07, RUN-08: a Runner runs repeatedly on one loop and in one context; after close() it refuses.
import asyncio
import contextvars
from scenario import error, log

var = contextvars.ContextVar("var", default="unset")
background = []


async def first():
    var.set("of the first run")
    background.append(asyncio.create_task(counts()))
    return asyncio.get_running_loop()


async def counts():
    try:
        for i in range(1000):
            log("count ", i)
            await asyncio.sleep(0)
    finally:
        log("counter ends")


async def second():
    log("second sees ", var.get())
    await asyncio.sleep(0)
    return asyncio.get_running_loop()


async def fails():
    raise ValueError("a failing run does not end the runner")


runner = asyncio.Runner()
one = runner.run(first())
log("between the runs")
two = runner.run(second())
log("same loop: ", one is two, " ", runner.get_loop() is one)
try:
    runner.run(fails())
except ValueError as e:
    log(error(e))
runner.close()
log("loop closed: ", one.is_closed(), ", counter cancelled ", background[0].cancelled())
runner.close()
try:
    runner.get_loop()
except RuntimeError as e:
    log(error(e))

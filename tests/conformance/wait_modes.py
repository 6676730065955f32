# WAI-01, WAI-03, WAI-07: ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION; errors stay in the members.
import asyncio
from scenario import error, log, run, turns


async def main():
    async def work(value, n):
        await turns(n)
        return value

    async def fails(n):
        await turns(n)
        raise ValueError("member")

    async def endless():
        await asyncio.sleep(3600)

    def show(what, members, done, pending):
        log(what, ": done ", ", ".join([t.get_name() for t in members if t in done]),
            "; pending ", ", ".join([t.get_name() for t in members if t in pending]))

    def members():
        return [asyncio.create_task(work(1, 9), name="slow"), asyncio.create_task(fails(5), name="fails"),
                asyncio.create_task(work(2, 1), name="fast")]

    tasks = members()
    done, pending = await asyncio.wait(tasks)
    show("all", tasks, done, pending)
    log(tasks[0].result(), " ", error(tasks[1].exception()), " ", tasks[2].result())

    tasks = members()
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    show("first completed", tasks, done, pending)
    await asyncio.wait(tasks)
    tasks[1].exception()

    tasks = members()
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    show("first exception", tasks, done, pending)
    await asyncio.wait(tasks)
    tasks[1].exception()

    # A cancelled member is no exception.
    tasks = [asyncio.create_task(work(1, 3), name="slow"), asyncio.create_task(endless(), name="cancelled")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    show("cancelled member", tasks, done, pending)

    # Duplicates collapse.
    task = asyncio.create_task(work(1, 1))
    done, pending = await asyncio.wait([task, task])
    log("duplicates: ", len(done), " ", len(pending))


run(main)

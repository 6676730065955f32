# THR-05: cancelling the thread's future cancels the task on the loop.
import asyncio
import concurrent.futures
import threading
from scenario import log, name, run


async def main():
    loop = asyncio.get_running_loop()
    started, ended = threading.Event(), threading.Event()

    async def waits():
        started.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as e:
            log("the task: ", name(e))
            ended.set()
            raise

    def thread():
        future = asyncio.run_coroutine_threadsafe(waits(), loop)
        started.wait()
        cancelled = future.cancel(), future.cancelled()
        ended.wait()
        log("cancel ", cancelled[0], ", cancelled ", cancelled[1])
        try:
            future.result()
        except (asyncio.CancelledError, concurrent.futures.CancelledError) as e:
            log("the thread: ", name(e))
        log("cancel again ", future.cancel())

    await asyncio.to_thread(thread)
    log("tasks left: ", len(asyncio.all_tasks()) - 1)


run(main)

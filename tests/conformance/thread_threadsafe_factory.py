# THR-06: the failure of a task factory goes to the thread's future and to the exception handler.
import asyncio
from scenario import error, log, run


async def main():
    loop = asyncio.get_running_loop()

    def factory(loop, coro, **kwargs):
        coro.close()
        raise NameError("the factory")

    loop.set_exception_handler(lambda loop, context: log("handler: ", str(context["exception"])))

    async def work():
        log("never")

    def thread():
        future = asyncio.run_coroutine_threadsafe(work(), loop)
        try:
            future.result()
        except NameError as e:
            return str(e)

    future = loop.run_in_executor(None, thread)
    loop.set_task_factory(factory)
    log("the thread: ", await future)
    loop.set_task_factory(None)


run(main)

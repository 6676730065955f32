# SVR-05, SVR-08, SVR-09, SVR-15: what a server says of itself; wait_closed() without connections.
import asyncio
from scenario import log, run, turns


async def main():
    async def handle(reader, writer):
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, start_serving=False)
    log("loop ", server.get_loop() is asyncio.get_running_loop())
    log("serving ", server.is_serving(), ", sockets ", len(server.sockets))
    await server.start_serving()
    log("serving ", server.is_serving(), ", sockets ", len(server.sockets))

    async def waits(who):
        await server.wait_closed()
        log(who, " is over")

    tasks = [asyncio.create_task(waits(who)) for who in "abc"]
    await turns(5)
    log("done ", [task.done() for task in tasks])
    server.close()
    log("serving ", server.is_serving(), ", sockets ", len(server.sockets))
    for task in tasks:
        await task
    await waits("late")
    server.close_clients()
    server.abort_clients()
    log("end")


run(main)

# CBK-02: call_soon_threadsafe and call_soon share one order, also before the loop runs.
import asyncio
import threading
from scenario import log

loop = asyncio.new_event_loop()
loop.call_soon_threadsafe(log, "a, threadsafe")
loop.call_soon(log, "b")
thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(log, "c, from a thread"))
thread.start()
thread.join()
loop.call_soon(log, "d")
loop.call_soon_threadsafe(loop.stop)
loop.run_forever()
loop.call_soon_threadsafe(log, "e, threadsafe, between two runs")
loop.call_soon(loop.stop)
loop.run_forever()
loop.close()
try:
    loop.call_soon_threadsafe(log, "never")
except RuntimeError as e:
    log(f"RuntimeError({e})")

"""What the scenarios share; scenario.hpp says the same in C++."""

import asyncio
import selectors


def log(*parts):
    """Appends a line to the trace."""
    print(*parts, sep="", flush=True)


def name(e):
    """The type of an error."""
    return type(e).__name__


def error(e):
    """The type and the text of an error, and of what a group holds."""
    if isinstance(e, BaseExceptionGroup):
        return f"{name(e)}({e.message}: {', '.join(map(error, e.exceptions))})"
    return f"{name(e)}({e})"


def shown(data):
    """Bytes as text, line ends shown."""
    return '"' + data.decode().replace("\r", "\\r").replace("\n", "\\n") + '"'


class VirtualSelector(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def select(self, timeout=None):
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """CPython's loop on a clock that jumps to the next deadline."""

    def __init__(self):
        self.now = 0.0
        super().__init__(VirtualSelector(self))

    def time(self):
        return self.now


def ms():
    """Milliseconds on the loop's clock; only for timed scenarios."""
    return round(asyncio.get_running_loop().time() * 1000)


def run(main):
    asyncio.run(main())


def run_timed(main):
    asyncio.run(main(), loop_factory=VirtualLoop)


async def turns(n):
    """Lets n turns of the loop pass."""
    for _ in range(n):
        await asyncio.sleep(0)


async def tell(what, awaitable):
    """Awaits something and logs how it ended."""
    try:
        log(what, ": ", await awaitable)
    except BaseException as e:
        log(what, ": ", error(e))
        raise


def told(what, awaitable):
    """tell() as a task."""
    return asyncio.create_task(tell(what, awaitable))


async def logged_turns(n):
    """Lets n turns of the loop pass and logs each."""
    for _ in range(n):
        await asyncio.sleep(0)
        log("--")


class Turns:
    """Counts turns of the loop: a callback that reschedules itself, first in each turn."""

    async def __aenter__(self):
        self.count = 0
        self.handle = asyncio.get_running_loop().call_soon(self.tick)
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *exc):
        self.handle.cancel()

    def tick(self):
        self.count += 1
        self.handle = asyncio.get_running_loop().call_soon(self.tick)

    async def measure(self, what, make):
        """Logs how many turns the await of make() takes."""
        await turns(3)
        awaitable = make()
        before = self.count
        try:
            await awaitable
            log(what, ": ", self.count - before)
        except BaseException as e:
            log(what, ": ", self.count - before, " ", name(e))

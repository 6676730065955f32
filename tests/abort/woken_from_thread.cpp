// expect-abort: asyncio: a task was woken from another thread than its loop's: use call_soon_threadsafe
#include <asyncio/core/run.hpp>
#include <asyncio/sync/event.hpp>
#include <thread>

asyncio::Task<> amain() {
  asyncio::Event event;
  std::jthread thread([&event] {
    while (to_string(event) != "<Event [unset, waiters:1]>") std::this_thread::yield();
    event.set();
  });
  co_await event.wait();
}

int main() { return asyncio::run_main(amain(), {.debug = true}); }

// expect-abort: asyncio: a task was woken from another thread than its loop's: use call_soon_threadsafe
#include <asyncio/core/run.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <thread>

// Locks, events and queues throw before they wake anybody; this is what stands behind them.
asyncio::Task<> amain() {
  asyncio::detail::WaitQueue queue;
  std::jthread thread([&queue] {
    while (queue.size() != 1) std::this_thread::yield();
    queue.wake_one();
  });
  co_await queue.wait();
}

int main() { return asyncio::run_main(amain(), {.debug = true}); }

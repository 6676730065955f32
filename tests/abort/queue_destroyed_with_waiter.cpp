// expect-abort: a queue was destroyed while a task waits for it
#include <asyncio/asyncio.hpp>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  asyncio::Queue<int> queue;
  create_task(queue.get());
  co_await asyncio::sleep(0s);
}

int main() { asyncio::run(amain(), {.debug = true}); }

// expect-abort: a Lock was destroyed while a task waits for it
#include <asyncio/asyncio.hpp>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  asyncio::Lock lock;
  co_await lock.acquire();
  create_task(lock.acquire());
  co_await asyncio::sleep(0s);
}

int main() { asyncio::run(amain(), {.debug = true}); }

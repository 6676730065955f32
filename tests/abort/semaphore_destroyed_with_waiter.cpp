// expect-abort: a Semaphore was destroyed while a task waits for it
#include <asyncio/asyncio.hpp>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  asyncio::Semaphore semaphore(0);
  create_task(semaphore.acquire());
  co_await asyncio::sleep(0s);
}

int main() { asyncio::run(amain(), {.debug = true}); }

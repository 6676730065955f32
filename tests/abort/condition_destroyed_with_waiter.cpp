// expect-abort: a Condition was destroyed while a task waits for it
#include <asyncio/asyncio.hpp>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  asyncio::Condition condition;
  co_await condition.acquire();
  create_task(condition.wait());
  co_await asyncio::sleep(0s);
}

int main() { asyncio::run(amain(), {.debug = true}); }

// expect-abort: an Event was destroyed while a task waits for it
#include <asyncio/asyncio.hpp>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  asyncio::Event event;
  create_task(event.wait());
  co_await asyncio::sleep(0s);
}

int main() { asyncio::run(amain(), {.debug = true}); }

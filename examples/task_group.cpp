// A scope that does not end before its tasks: the first failure cancels the others.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

asyncio::Task<int> fetch(std::string what, std::chrono::milliseconds delay) {
  try {
    co_await asyncio::sleep(delay);
  } catch (const asyncio::CancelledError&) {
    fmt::print("{} was cancelled\n", what);
    throw;
  }
  if (what == "broken") throw std::runtime_error("cannot fetch " + what);
  fmt::print("{} is there\n", what);
  co_return static_cast<int>(what.size());
}

asyncio::Task<> amain() {
  asyncio::TaskHandle<int> apples, pears;
  co_await asyncio::async_with(asyncio::TaskGroup{}, [&](asyncio::TaskGroup& tg) -> asyncio::Task<> {
    apples = tg.create_task(fetch("apples", 20ms));
    pears = tg.create_task(fetch("pears", 10ms));
    co_return;
  });
  fmt::print("both: {} {}\n", apples.result(), pears.result());

  try {
    co_await asyncio::async_with(asyncio::TaskGroup{}, [](asyncio::TaskGroup& tg) -> asyncio::Task<> {
      tg.create_task(fetch("slow", 1h));
      tg.create_task(fetch("broken", 10ms));
      co_await asyncio::sleep(1h);  // the body is cancelled, too
    });
  } catch (const asyncio::ExceptionGroup& group) {
    fmt::print("{}\n", group.what());
  }
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   pears is there
//   apples is there
//   both: 6 5
//   slow was cancelled
//   unhandled errors in a TaskGroup (1 sub-exception)

// Deadlines: wait_for() around one awaitable, timeout() around a scope.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

using namespace std::chrono_literals;

asyncio::Task<> eternity() {
  try {
    co_await asyncio::sleep(1h);
    fmt::print("yay!\n");
  } catch (const asyncio::CancelledError&) {
    fmt::print("eternity was cancelled\n");
    throw;  // whoever catches a cancellation rethrows it
  }
}

asyncio::Task<int> answer() {
  co_await asyncio::sleep(10ms);
  co_return 42;
}

asyncio::Task<> amain() {
  try {
    co_await asyncio::wait_for(eternity(), 100ms);
  } catch (const asyncio::TimeoutError&) {
    fmt::print("wait_for: timeout!\n");
  }

  // A Timeout with a name is borrowed by the scope and can be asked afterwards.
  asyncio::Timeout limit = asyncio::timeout(std::nullopt);
  try {
    co_await asyncio::async_with(limit, [](asyncio::Timeout& scope) -> asyncio::Task<> {
      const int seconds = co_await answer();  // only now the deadline is known
      fmt::print("the answer is {}\n", seconds);
      scope.reschedule(asyncio::get_running_loop().time() + 100ms);
      co_await eternity();
    });
  } catch (const asyncio::TimeoutError&) {
    fmt::print("timeout: expired is {}\n", limit.expired());
  }
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   eternity was cancelled
//   wait_for: timeout!
//   the answer is 42
//   eternity was cancelled
//   timeout: expired is true

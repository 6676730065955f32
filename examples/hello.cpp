// The smallest program: a coroutine, a pause, a loop.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  fmt::print("Hello ...\n");
  co_await asyncio::sleep(1s);
  fmt::print("... World!\n");
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   Hello ...
//   ... World!

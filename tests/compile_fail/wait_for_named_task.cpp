// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

#include <chrono>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  const int value = co_await asyncio::wait_for(task, std::chrono::seconds(1));
  static_cast<void>(value);
}

int main() { return asyncio::run_main(amain()); }

// expect-error: asyncio: a Task is awaited once: write co_await std::move\(task\)
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  const int value = co_await task;
  static_cast<void>(value);
}

int main() { return asyncio::run_main(amain()); }

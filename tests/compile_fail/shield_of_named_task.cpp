// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  const int value = co_await asyncio::shield(task);
  static_cast<void>(value);
}

int main() { return asyncio::run_main(amain()); }

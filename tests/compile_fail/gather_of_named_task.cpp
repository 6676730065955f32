// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  auto results = co_await asyncio::gather(task, answer());
  static_cast<void>(results);
}

int main() { return asyncio::run_main(amain()); }

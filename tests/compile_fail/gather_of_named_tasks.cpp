// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

#include <vector>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  std::vector<asyncio::Task<int>> tasks;
  tasks.push_back(answer());
  const auto values = co_await asyncio::gather(tasks);
  static_cast<void>(values);
}

int main() { return asyncio::run_main(amain()); }

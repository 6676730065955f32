// expect-error: asyncio: wait\(\) takes a range of futures or tasks
#include <asyncio/asyncio.hpp>

#include <vector>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  std::vector<asyncio::Task<int>> coroutines;
  coroutines.push_back(answer());
  const auto result = co_await asyncio::wait(coroutines);
  static_cast<void>(result);
}

int main() { return asyncio::run_main(amain()); }

// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  auto handle = asyncio::create_task(task);
  co_await handle;
}

int main() { return asyncio::run_main(amain()); }

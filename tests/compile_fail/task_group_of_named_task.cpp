// expect-error: asyncio: pass the Task with std::move
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> body(asyncio::TaskGroup& group) {
  asyncio::Task<int> task = answer();
  group.create_task(task);
  co_return;
}

asyncio::Task<> amain() { co_await asyncio::async_with(asyncio::TaskGroup{}, &body); }

int main() { return asyncio::run_main(amain()); }

// expect-error: temporary whose address is used as value of local variable .task. will be destroyed
#include <asyncio/asyncio.hpp>

#include <utility>

using asyncio::Task;

struct Counter {
  int start = 0;
  Task<int> add(int x) { co_return x + start; }
};

Task<int> caller() {
  Task<int> task = Counter{}.add(1);
  co_return co_await std::move(task);
}

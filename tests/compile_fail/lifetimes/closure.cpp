// expect-error: temporary whose address is used as value of local variable .task. will be destroyed
#include <asyncio/asyncio.hpp>

#include <utility>

using asyncio::Task;

Task<int> caller() {
  Task<int> task = [x = 3](int y) -> Task<int> { co_return x + y; }(1);
  co_return co_await std::move(task);
}

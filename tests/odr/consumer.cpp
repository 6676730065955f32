#include <asyncio/core/task.hpp>

asyncio::Task<int> pass_on(asyncio::Task<int> task);

asyncio::Task<int> answer() { co_return 42; }

int main() {
  asyncio::Task<int> task = pass_on(answer());
  static_cast<void>(task);
}

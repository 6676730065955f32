// expect-success
// What the other files get wrong, done right: proves that they fail for their reason and not for
// another.
#include <asyncio/asyncio.hpp>

#include <chrono>
#include <utility>

using namespace std::chrono_literals;

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> handle(asyncio::StreamReader, asyncio::StreamWriter) { co_return; }

asyncio::Task<> amain() {
  asyncio::Task<int> task = answer();
  int sum = co_await std::move(task);
  sum += co_await answer();

  asyncio::Task<int> second = answer();
  asyncio::TaskHandle<int> handle_of_second = asyncio::create_task(std::move(second));
  sum += co_await handle_of_second;

  asyncio::Task<int> third = answer();
  auto both = co_await asyncio::gather(std::move(third), answer());
  static_cast<void>(both);
  static_cast<void>(sum);

  asyncio::Server server = co_await asyncio::start_server(handle, "127.0.0.1", 0);
  co_await asyncio::sleep(5s);
}

int main() { return asyncio::run_main(amain()); }

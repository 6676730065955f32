// expect-success
// What the other files get wrong, done right.
#include <asyncio/asyncio.hpp>

#include <chrono>
#include <string>
#include <utility>

using asyncio::Task;

Task<int> length(const std::string& text) { co_return static_cast<int>(text.size()); }

ASYNCIO_CORO_WRAPPER Task<int> passed_on(const std::string& text) { return length(text); }

struct Counter {
  int start = 0;
  Task<int> add(int x) { co_return x + start; }
};

Task<int> amain() {
  int sum = co_await length(std::string("lives until the end of the expression"));
  std::string text = "lives as long as the task";
  Task<int> task = length(text);
  sum += co_await std::move(task);
  sum += co_await passed_on(std::string("temporary"));
  Counter counter;
  Task<int> addition = counter.add(1);
  sum += co_await std::move(addition);
  auto closure = [sum](int x) -> Task<int> { co_return x + sum; };
  Task<int> call = closure(1);
  sum += co_await std::move(call);
  auto handle = asyncio::create_task([text]() -> Task<int> { co_return int(text.size()); });
  sum += co_await handle;
  // The library keeps what it is given.
  auto connecting = asyncio::open_connection(std::string("localhost"), 80);
  auto streams = co_await std::move(connecting);
  co_return sum + co_await asyncio::wait_for(length(text), std::chrono::seconds(1));
}

int main() { return asyncio::run_main(amain()); }

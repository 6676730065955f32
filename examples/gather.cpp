// Several coroutines at once: tasks that run from now on, and gather(), which waits for all.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

asyncio::Task<int> factorial(std::string name, int number) {
  int result = 1;
  for (int i = 2; i <= number; ++i) {
    fmt::print("Task {}: factorial({}), now i={}\n", name, number, i);
    co_await asyncio::sleep(100ms);
    result *= i;
  }
  fmt::print("Task {}: factorial({}) = {}\n", name, number, result);
  co_return result;
}

asyncio::Task<int> fail() {
  co_await asyncio::sleep(10ms);
  throw std::runtime_error("no luck");
}

asyncio::Task<> amain() {
  // A tuple, in the order of the arguments.
  auto [a, b, c] = co_await asyncio::gather(factorial("A", 2), factorial("B", 3), factorial("C", 4));
  fmt::print("{} {} {}\n", a, b, c);

  // A range of tasks gives a vector; with return_exceptions a failure is one of the results.
  std::vector<asyncio::Task<int>> tasks;
  tasks.push_back(factorial("D", 1));
  tasks.push_back(fail());
  auto outcomes = co_await asyncio::gather(asyncio::return_exceptions, std::move(tasks));
  for (const auto& outcome : outcomes) fmt::print("{}\n", outcome ? "a result" : "a failure");
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   Task A: factorial(2), now i=2
//   Task B: factorial(3), now i=2
//   Task C: factorial(4), now i=2
//   Task A: factorial(2) = 2
//   Task B: factorial(3), now i=3
//   Task C: factorial(4), now i=3
//   Task B: factorial(3) = 6
//   Task C: factorial(4), now i=4
//   Task C: factorial(4) = 24
//   2 6 24
//   Task D: factorial(1) = 1
//   a result
//   a failure

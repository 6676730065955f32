#include <asyncio/testing/deadlock.hpp>
//
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing/run.hpp>

#include <support/catch.hpp>

namespace deadlock_test {

using namespace asyncio;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr int waiting_line = __LINE__ + 4;

Task<> wait_for_nothing() {
  auto future = get_running_loop().create_future();
  co_await future;
}

Task<> outer() { co_await wait_for_nothing(); }

template <class A>
std::string deadlock_of(A&& main) {
  try {
    testing::run(std::forward<A>(main), {.patience = 0s});
  } catch (const testing::Deadlock& deadlock) {
    return deadlock.what();
  }
  return "no deadlock";
}

}  // namespace

TEST_CASE("deadlock: the message names the tasks and the lines on which they stand") {
  auto main = []() -> Task<> {
    auto child = create_task(outer(), {.name = "worker"});
    co_await wait_for_nothing();
  };
  const std::string message = deadlock_of(main);
  CHECK_THAT(message, ContainsSubstring("deadlock: nothing is ready"));
  CHECK_THAT(message, ContainsSubstring("\n  worker\n    at outer ("));
  CHECK_THAT(message, ContainsSubstring("at wait_for_nothing (" __FILE__ ":" +
                                        std::to_string(waiting_line) + ")"));
}

TEST_CASE("deadlock: a task that waits until the end of time does not hide it") {
  auto main = []() -> Task<> { co_await sleep(EventLoop::duration::max()); };
  CHECK_THAT(deadlock_of(main), ContainsSubstring("deadlock"));
}

TEST_CASE("deadlock: the tasks are cancelled and unwound all the same") {
  bool unwound = false;
  auto main = [&]() -> Task<> {
    try {
      co_await wait_for_nothing();
    } catch (const CancelledError&) {
      unwound = true;
      throw;
    }
  };
  CHECK_THAT(deadlock_of(main), ContainsSubstring("deadlock"));
  CHECK(unwound);
}

}  // namespace deadlock_test

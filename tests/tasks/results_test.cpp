#include <asyncio/tasks/results.hpp>

#include <tasks/steps.hpp>

namespace results_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

}  // namespace

ASYNC_TEST("results: of a group's tasks, in the order of the handles", "[W-09]") {
  std::vector<TaskHandle<int>> tasks;
  auto body = [&](TaskGroup& tg) -> Task<> {
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(tg.create_task(gives(i, 4 - i)));
    }
    co_return;
  };
  co_await async_with(TaskGroup{}, body);
  const std::vector<int> values = results(tasks);
  CHECK(values == std::vector{0, 1, 2, 3});
}

ASYNC_TEST("results: of different types") {
  auto number = create_task(gives(1));
  auto text = create_task(gives(std::string("two")));
  auto nothing = create_task(turns(1));
  co_await turns(3);
  CHECK(results(number, text, nothing) == std::tuple(1, std::string("two"), None()));
}

ASYNC_TEST("results: of one that failed, or is not done") {
  auto failed = create_task(fails<int>("broken"));
  auto pending = create_task(gives(1, 5));
  co_await turns(2);
  std::string how;
  try {
    static_cast<void>(results(failed));
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "invalid_argument(broken)");
  CHECK_THROWS_AS(results(std::vector{pending}), InvalidStateError);
  co_await pending;
}

}  // namespace results_test

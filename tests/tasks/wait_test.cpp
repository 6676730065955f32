#include <asyncio/tasks/wait.hpp>

#include <list>
#include <ranges>
#include <tasks/steps.hpp>

namespace wait_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

using Handles = std::vector<TaskHandle<int>>;

EventLoop::time_point now() { return get_running_loop().time(); }

Task<int> gives_after(std::chrono::milliseconds delay, int value) {
  co_await sleep(delay);
  co_return value;
}

ASYNC_VIRTUAL_TEST("wait: gives the handles it was given, in their order", "[WAI-01]") {
  Handles tasks{create_task(gives(1, 3)), create_task(gives(2, 1)), create_task(gives(3, 2))};
  const auto result = co_await wait(tasks);
  CHECK(result.done == tasks);
  CHECK(result.pending.empty());
}

ASYNC_VIRTUAL_TEST("wait: any range, also one that is made on the way", "[WAI-01]") {
  std::list<Future<>> futures{get_running_loop().create_future()};
  futures.front().set_result();
  const auto of_list = co_await wait(futures);
  CHECK(of_list.done.size() == 1);

  auto numbers = std::views::iota(0, 3) |
                 std::views::transform([](int value) { return create_task(gives(value, 1)); });
  const auto of_view = co_await wait(numbers);
  CHECK(of_view.done.size() == 3);

  std::vector<AnyFuture> mixed{create_task(gives(1)), get_running_loop().create_future()};
  const auto of_any = co_await wait(mixed, {.return_when = FIRST_COMPLETED});
  CHECK(of_any.done == std::vector{mixed[0]});
  CHECK(of_any.pending == std::vector{mixed[1]});
}

ASYNC_VIRTUAL_TEST("wait: duplicates collapse", "[WAI-01]") {
  auto task = create_task(gives(1, 1));
  const Handles twice{task, task};
  const auto result = co_await wait(twice);
  CHECK(result.done == Handles{task});
}

ASYNC_VIRTUAL_TEST("wait: an empty range is an error of the call", "[WAI-02]") {
  const Handles none;
  CHECK_THROWS_AS(wait(none), std::invalid_argument);
  co_return;
}

ASYNC_VIRTUAL_TEST("wait: FIRST_COMPLETED", "[WAI-03]") {
  Handles tasks{create_task(gives(1, 8)), create_task(gives(2, 1)), create_task(gives(3, 8))};
  const auto result = co_await wait(tasks, {.return_when = FIRST_COMPLETED});
  CHECK(result.done == Handles{tasks[1]});
  CHECK(result.pending == Handles{tasks[0], tasks[2]});
  const auto rest = co_await wait(result.pending);
  CHECK(rest.done.size() == 2);
}

ASYNC_VIRTUAL_TEST("wait: FIRST_EXCEPTION", "[WAI-03]") {
  Handles tasks{create_task(gives(1, 1)), create_task(fails<int>("no", 3)),
                create_task(gives(3, 20))};
  const auto result = co_await wait(tasks, {.return_when = FIRST_EXCEPTION});
  CHECK(result.done == Handles{tasks[0], tasks[1]});
  CHECK(result.pending == Handles{tasks[2]});
  CHECK(describe(tasks[1]) == "invalid_argument(no)");
}

ASYNC_VIRTUAL_TEST("wait: FIRST_EXCEPTION does not count a cancellation, and falls back to all",
                   "[WAI-03]") {
  auto cancelled = create_task([]() -> Task<int> {
    co_await endless();
    co_return 0;
  });
  Handles tasks{cancelled, create_task(gives(2, 6))};
  co_await turns(1);
  cancelled.cancel();
  const auto result = co_await wait(tasks, {.return_when = FIRST_EXCEPTION});
  CHECK(result.done == tasks);
}

ASYNC_VIRTUAL_TEST("wait: FIRST_EXCEPTION of what has failed already", "[WAI-03]") {
  Handles tasks{create_task(gives(1, 20)), create_task(fails<int>("no"))};
  co_await turns(2);
  const auto result = co_await wait(tasks, {.return_when = FIRST_EXCEPTION});
  CHECK(result.done == Handles{tasks[1]});
  CHECK(describe(tasks[1]) == "invalid_argument(no)");
}

ASYNC_VIRTUAL_TEST("wait: what finished by the time of the return counts as done", "[WAI-04]") {
  Handles tasks{create_task(gives(1)), create_task(gives(2)), create_task(gives(3, 1))};
  const auto result = co_await wait(tasks, {.return_when = FIRST_COMPLETED});
  CHECK(result.done == tasks);  // all of them ended before the waiting task ran
}

ASYNC_VIRTUAL_TEST("wait: the timeout returns what is done by then, and cancels nothing",
                   "[WAI-05]") {
  const auto begin = now();
  Handles tasks{create_task(gives_after(100ms, 1)), create_task(gives_after(150ms, 2))};
  const auto result = co_await wait(tasks, {.timeout = 110ms});
  CHECK(now() - begin == 110ms);
  CHECK(result.done == Handles{tasks[0]});
  CHECK(result.pending == Handles{tasks[1]});
  const int value = co_await tasks[1];
  CHECK(value == 2);
}

ASYNC_VIRTUAL_TEST("wait: a timeout of zero", "[WAI-05]") {
  Handles tasks{create_task(gives_after(1s, 1))};
  const auto begin = now();
  const auto result = co_await wait(tasks, {.timeout = 0s});
  CHECK(now() == begin);
  CHECK(result.pending == tasks);
  const auto negative = co_await wait(tasks, {.timeout = -1s});
  CHECK(negative.pending == tasks);
}

ASYNC_VIRTUAL_TEST("wait: what ends at the very deadline counts as done", "[WAI-05]") {
  Handles tasks{create_task(gives_after(100ms, 1)), create_task(gives_after(101ms, 2))};
  co_await turns(1);
  const auto result = co_await wait(tasks, {.timeout = 100ms});
  CHECK(result.done == Handles{tasks[0]});
  CHECK(result.pending == Handles{tasks[1]});
}

ASYNC_VIRTUAL_TEST("wait: one that ends in time leaves no timer", "[WAI-05]") {
  Handles tasks{create_task(gives(1, 1))};
  const auto result = co_await wait(tasks, {.timeout = 1h});
  CHECK(result.done == tasks);
  CHECK(get_running_loop().first_deadline() == std::nullopt);
}

ASYNC_VIRTUAL_TEST("wait: cancelling it leaves the members and no link to them", "[WAI-06]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(gives(7, 6));
  auto waits = [&]() -> Task<> {
    const std::vector<AnyFuture> members{future, task};
    static_cast<void>(co_await wait(members, {.timeout = 1h}));
  };
  auto waiter = create_task(waits());
  co_await turns(2);
  CHECK_FALSE(future.shared_state()->subscribers().empty());
  waiter.cancel("enough");
  CHECK(future.shared_state()->subscribers().empty());
  const std::string how = co_await ending(waiter);
  CHECK(how == "CancelledError(enough)");
  CHECK_FALSE(future.done());
  CHECK(task.cancelling() == 0);
  CHECK(get_running_loop().first_deadline() == std::nullopt);
  const int value = co_await task;
  CHECK(value == 7);
}

ASYNC_VIRTUAL_TEST("wait: cancelled when it is over but has not returned", "[WAI-06]") {
  auto future = get_running_loop().create_future<int>();
  auto waits = [&]() -> Task<> {
    const std::vector<AnyFuture> members{future};
    static_cast<void>(co_await wait(members));
  };
  auto waiter = create_task(waits());
  co_await turns(1);
  future.set_result(1);
  co_await turns(1);
  waiter.cancel();
  const std::string how = co_await ending(waiter);
  CHECK(how == "CancelledError");
  CHECK(future.result() == 1);
}

ASYNC_VIRTUAL_TEST("wait: errors stay in the members", "[WAI-07]") {
  Handles tasks{create_task(fails<int>("no", 1)), create_task(gives(2, 2))};
  const auto result = co_await wait(tasks);
  CHECK(result.done == tasks);
  CHECK(describe(tasks[0]) == "invalid_argument(no)");
}

ASYNC_VIRTUAL_TEST("wait: an error that nobody asks for is reported all the same", "[WAI-07]") {
  Reports reports;
  {
    const Handles tasks{create_task(fails<int>("unseen"))};
    static_cast<void>(co_await wait(tasks));
  }
  CHECK(reports.messages() ==
        Trace{"Task exception was never retrieved: invalid_argument(unseen)"});
}

ASYNC_VIRTUAL_TEST("wait: always suspends, two turns for what is done", "[WAI-08]") {
  auto future = get_running_loop().create_future<int>();
  future.set_result(1);
  auto waits = [&]() -> Task<> {
    const std::vector<Future<int>> members{future};
    static_cast<void>(co_await wait(members));
  };
  auto waiter = create_task(waits());
  co_await turns(2);
  CHECK_FALSE(waiter.done());
  co_await turns(1);
  CHECK(waiter.done());
}

ASYNC_VIRTUAL_TEST("wait: one that is dropped leaves the members alone", "[tasks]") {
  Handles tasks{create_task(gives(1, 1))};
  static_cast<void>(wait(tasks));
  const int value = co_await tasks[0];
  CHECK(value == 1);
}

}  // namespace

}  // namespace wait_test

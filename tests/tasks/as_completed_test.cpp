#include <asyncio/tasks/as_completed.hpp>

#include <tasks/steps.hpp>

namespace as_completed_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

using Handles = std::vector<TaskHandle<int>>;
using Values = std::vector<int>;

EventLoop::time_point now() { return get_running_loop().time(); }

Task<int> gives_after(std::chrono::milliseconds delay, int value) {
  co_await sleep(delay);
  co_return value;
}

/// Three tasks that end as 2, 3, 1.
Handles three() {
  return {create_task(gives_after(30ms, 1)), create_task(gives_after(10ms, 2)),
          create_task(gives_after(20ms, 3))};
}

ASYNC_VIRTUAL_TEST("as_completed: gives the handles themselves, in order of completion",
                   "[ASC-01][ASC-04]") {
  const Handles tasks = three();
  auto it = as_completed(tasks);
  Handles order;
  while (auto handle = co_await it.next()) {
    CHECK(handle->done());
    order.push_back(*handle);
  }
  CHECK(order == Handles{tasks[1], tasks[2], tasks[0]});
  const auto after_the_last = co_await it.next();
  CHECK(after_the_last == std::nullopt);
}

ASYNC_VIRTUAL_TEST("as_completed: schedules coroutines as tasks", "[ASC-01]") {
  std::vector<Task<int>> coroutines;
  coroutines.push_back(gives_after(20ms, 1));
  coroutines.push_back(gives_after(10ms, 2));
  auto it = as_completed(std::move(coroutines));
  Values order;
  while (auto handle = co_await it.next()) order.push_back(handle->result());
  CHECK(order == Values{2, 1});
}

ASYNC_VIRTUAL_TEST("as_completed: failures and cancellations come as handles", "[ASC-01]") {
  auto cancelled = create_task(gives_after(1h, 0));
  const Handles tasks{create_task(fails<int>("no", 4)), cancelled};
  auto it = as_completed(tasks);
  co_await turns(1);
  cancelled.cancel();
  Trace order;
  while (auto handle = co_await it.next()) order.push_back(describe(*handle));
  CHECK(order == Trace{"cancelled: CancelledError", "invalid_argument(no)"});
}

ASYNC_VIRTUAL_TEST("as_completed: of nothing", "[ASC-01]") {
  auto it = as_completed(Handles());
  const auto first = co_await it.next();
  CHECK(first == std::nullopt);
  CHECK(it.awaitables().empty());
}

ASYNC_VIRTUAL_TEST("as_completed: awaitables give the results one after the other", "[ASC-02]") {
  auto it = as_completed(three());
  Values order;
  for (auto& awaitable : it.awaitables()) order.push_back(co_await awaitable);
  CHECK(order == Values{2, 3, 1});
}

ASYNC_VIRTUAL_TEST("as_completed: whichever awaitable is awaited first gets the first result",
                   "[ASC-02]") {
  auto it = as_completed(three());
  auto steps = it.awaitables();
  REQUIRE(steps.size() == 3);
  const int of_last = co_await steps[2];
  const int of_first = co_await steps[0];
  const int of_middle = co_await steps[1];
  CHECK((of_last == 2 && of_first == 3 && of_middle == 1));
}

ASYNC_VIRTUAL_TEST("as_completed: awaitables may be awaited at the same time", "[ASC-02]") {
  auto it = as_completed(three());
  auto steps = it.awaitables();
  auto [a, b, c] = co_await gather(steps[0], steps[1], steps[2]);
  CHECK((a == 2 && b == 3 && c == 1));
}

ASYNC_VIRTUAL_TEST("as_completed: awaitables leave the results with their handles", "[ASC-02]") {
  const std::vector<TaskHandle<std::string>> tasks{
      create_task(gives(std::string("kept, and too long to be stored in place")))};
  auto it = as_completed(tasks);
  for (auto& awaitable : it.awaitables()) static_cast<void>(co_await awaitable);
  CHECK(tasks[0].result() == "kept, and too long to be stored in place");
}

ASYNC_VIRTUAL_TEST("as_completed: awaitables of move-only results", "[ASC-02]") {
  auto it =
      as_completed(std::vector{create_task([]() -> Task<MoveOnly<>> { co_return MoveOnly(3); })});
  auto steps = it.awaitables();
  const MoveOnly<> result = co_await steps[0];
  CHECK(result.value() == 3);
}

ASYNC_VIRTUAL_TEST("as_completed: an awaitable raises the error of its step", "[ASC-02]") {
  auto it = as_completed(Handles{create_task(fails<int>("no", 1)), create_task(gives(2, 8))});
  auto steps = it.awaitables();
  const std::string first = co_await ending(steps[0]);
  CHECK(first == "invalid_argument(no)");
  const int second = co_await steps[1];
  CHECK(second == 2);
}

ASYNC_VIRTUAL_TEST("as_completed: can be left and resumed, copies share the iteration",
                   "[ASC-03]") {
  auto it = as_completed(three());
  Values order;
  while (auto handle = co_await it.next()) {
    order.push_back(handle->result());
    break;
  }
  auto copy = it;
  while (auto handle = co_await copy.next()) order.push_back(handle->result());
  CHECK(order == Values{2, 3, 1});
  const auto last = co_await it.next();
  CHECK(last == std::nullopt);
}

ASYNC_VIRTUAL_TEST("as_completed: what ends in one turn comes in the order of the callbacks",
                   "[ASC-04]") {
  std::vector<Future<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(get_running_loop().create_future<int>());
  auto it = as_completed(futures);
  for (const int i : {2, 0, 1}) futures[static_cast<std::size_t>(i)].set_result(i);
  Values order;
  while (auto handle = co_await it.next()) order.push_back(handle->result());
  CHECK(order == Values{2, 0, 1});
}

ASYNC_VIRTUAL_TEST("as_completed: duplicates come once", "[ASC-05]") {
  auto task = create_task(gives(1, 1));
  auto it = as_completed(Handles{task, task, task});
  CHECK(it.awaitables().size() == 1);
  const auto first = co_await it.next();
  CHECK(first == task);
  const auto second = co_await it.next();
  CHECK(second == std::nullopt);
}

ASYNC_VIRTUAL_TEST("as_completed: one deadline for all, then each step that is left raises",
                   "[ASC-06]") {
  const auto begin = now();
  const Handles tasks{create_task(gives_after(100ms, 1)), create_task(gives_after(150ms, 2))};
  auto it = as_completed(tasks, {.timeout = 120ms});
  const auto first = co_await it.next();
  REQUIRE(first.has_value());
  CHECK(first->result() == 1);
  const std::string second = co_await ending(it.next());
  CHECK(second == "TimeoutError");
  CHECK(now() - begin == 120ms);
  const auto last = co_await it.next();
  CHECK(last == std::nullopt);
  const int value = co_await tasks[1];  // not cancelled
  CHECK(value == 2);
}

ASYNC_VIRTUAL_TEST("as_completed: a loop that goes on after each TimeoutError ends", "[ASC-06]") {
  const Handles tasks{create_task(gives_after(100ms, 1)), create_task(gives_after(1h, 2)),
                      create_task(gives_after(1h, 3))};
  auto it = as_completed(tasks, {.timeout = 120ms});
  Trace steps;
  for (;;) {
    Outcome<std::optional<TaskHandle<int>>> step = co_await as_outcome(it.next());
    if (step.has_value() && !step.value()) break;
    steps.push_back(step.has_value() ? "a result" : "TimeoutError");
  }
  CHECK(steps == Trace{"a result", "TimeoutError", "TimeoutError"});
}

ASYNC_VIRTUAL_TEST("as_completed: more awaitables than results raise", "[ASC-06]") {
  auto it = as_completed(Handles{create_task(gives(1))});
  auto steps = it.awaitables();
  const std::string first = co_await ending(steps[0]);
  const std::string again = co_await ending(steps[0]);
  CHECK(first == "a result");
  CHECK(again == "RuntimeError(as_completed() has given out all results already)");
}

ASYNC_VIRTUAL_TEST("as_completed: the deadline raises in the awaitables too", "[ASC-06]") {
  auto it =
      as_completed(Handles{create_task(gives_after(100ms, 1)), create_task(gives_after(1h, 2))},
                   {.timeout = 120ms});
  auto steps = it.awaitables();
  const std::string first = co_await ending(steps[0]);
  const std::string second = co_await ending(steps[1]);
  CHECK(first == "a result");
  CHECK(second == "TimeoutError");
}

ASYNC_VIRTUAL_TEST("as_completed: what ended before the deadline is given after it", "[ASC-06]") {
  auto it = as_completed(three(), {.timeout = 25ms});
  co_await sleep(50ms);
  Trace order;
  for (int i = 0; i < 3; ++i) order.push_back(co_await ending(it.next()));
  CHECK(order == Trace{"a result", "a result", "TimeoutError"});
}

ASYNC_VIRTUAL_TEST("as_completed: a deadline that is not reached", "[ASC-06]") {
  auto it = as_completed(three(), {.timeout = 1h});
  Values order;
  while (auto handle = co_await it.next()) order.push_back(handle->result());
  CHECK(order == Values{2, 3, 1});
  CHECK(get_running_loop().first_deadline() == std::nullopt);
}

ASYNC_VIRTUAL_TEST("as_completed: a cancelled step does not consume a completion", "[ASC-07]") {
  auto it = as_completed(three());
  auto step = create_task(it.next());
  co_await turns(1);
  step.cancel();
  const std::string how = co_await ending(step);
  CHECK(how == "CancelledError");
  Values order;
  while (auto handle = co_await it.next()) order.push_back(handle->result());
  CHECK(order == Values{2, 3, 1});
}

ASYNC_VIRTUAL_TEST("as_completed: a step cancelled in any turn around a completion loses nothing",
                   "[ASC-07]") {
  for (int turn = 0; turn < 5; ++turn) {
    auto future = get_running_loop().create_future<int>();
    auto other = get_running_loop().create_future<int>();
    auto it = as_completed(std::vector{future, other});
    auto step = create_task(it.next());
    co_await turns(1);
    future.set_result(1);
    other.set_result(2);
    co_await turns(turn);
    step.cancel();
    const auto outcome = co_await as_outcome(step);
    std::size_t given = outcome.has_value() ? 1 : 0;
    while (auto handle = co_await it.next()) ++given;
    CHECK(given == 2);
  }
}

ASYNC_VIRTUAL_TEST("as_completed: a step that is cancelled after it was woken wakes the next",
                   "[ASC-07]") {
  auto first = get_running_loop().create_future<int>();
  auto second = get_running_loop().create_future<int>();
  auto it = as_completed(std::vector{first, second});
  auto cancelled = create_task(it.next());
  auto waiting = create_task(it.next());
  co_await turns(1);
  first.set_result(1);
  co_await turns(1);
  cancelled.cancel();
  const auto handle = co_await waiting;
  CHECK(handle == first);
  CHECK(cancelled.cancelled());
}

ASYNC_VIRTUAL_TEST("as_completed: a cancelled awaitable does not consume a completion",
                   "[ASC-07]") {
  auto it = as_completed(three());
  auto steps = it.awaitables();
  auto first = create_task(steps[0]);
  auto second = create_task(steps[1]);
  co_await turns(1);
  first.cancel();
  const std::string how = co_await ending(first);
  CHECK(how == "CancelledError");
  const int of_second = co_await second;
  CHECK(of_second == 2);
  Values rest;
  for (auto& awaitable : it.awaitables()) rest.push_back(co_await awaitable);
  CHECK(rest == Values{3, 1});
}

template <class R>
concept CanIterate = requires(R&& range) { as_completed(std::forward<R>(range)); };
static_assert(CanIterate<std::vector<Task<int>>> && CanIterate<Handles&>);
static_assert(!CanIterate<Task<int>> && !CanIterate<Future<int>&>);

TEST_CASE("as_completed: a lone awaitable does not compile, coroutines need a loop", "[ASC-08]") {
  CHECK_FALSE(CanIterate<Task<int>>);
  std::vector<Task<int>> coroutines;
  coroutines.push_back(gives(1));
  CHECK_THROWS_AS(as_completed(std::move(coroutines)), RuntimeError);
}

ASYNC_VIRTUAL_TEST("as_completed: dropped, it leaves the futures and no link to them", "[ASC-09]") {
  auto future = get_running_loop().create_future<int>();
  {
    auto it = as_completed(std::vector{future}, {.timeout = 1h});
    CHECK_FALSE(future.shared_state()->subscribers().empty());
  }
  CHECK(future.shared_state()->subscribers().empty());
  CHECK(get_running_loop().first_deadline() == std::nullopt);
  future.set_result(1);
  co_await turns(2);
}

ASYNC_VIRTUAL_TEST("as_completed: the deadline cuts the links to what is not done", "[ASC-09]") {
  auto future = get_running_loop().create_future<int>();
  auto it = as_completed(std::vector{future}, {.timeout = 1s});
  const std::string how = co_await ending(it.next());
  CHECK(how == "TimeoutError");
  CHECK(future.shared_state()->subscribers().empty());
}

}  // namespace

}  // namespace as_completed_test

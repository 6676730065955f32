#include <asyncio/tasks/wait_for.hpp>

#include <tasks/steps.hpp>

namespace wait_for_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

ContextVar<int> level{"level", 0};

EventLoop::time_point now() { return get_running_loop().time(); }

/// Answers its cancellation with a value.
Task<int> gives_when_cancelled(int value, int n = 0) {
  static_cast<void>(co_await cancellation());
  co_await turns(n);
  co_return value;
}

ASYNC_VIRTUAL_TEST("wait_for: gives the result or raises the error", "[WFR-01]") {
  const int value = co_await wait_for(gives(3, 2), 1s);
  CHECK(value == 3);
  const std::string how = co_await ending(wait_for(fails("no", 2), 1s));
  CHECK(how == "invalid_argument(no)");
  const int without_limit = co_await wait_for(gives(4, 2), std::nullopt);
  CHECK(without_limit == 4);
  const int slept = co_await wait_for(sleep(1h, 5), std::nullopt);
  CHECK(slept == 5);
}

ASYNC_VIRTUAL_TEST("wait_for: takes tasks, futures, callables and other awaitables", "[WFR-01]") {
  auto task = create_task(gives(1, 2));
  const int of_task = co_await wait_for(task, 1s);
  CHECK(of_task == 1);
  auto future = get_running_loop().create_future<int>();
  get_running_loop().call_soon([future] { future.set_result(2); });
  const int of_future = co_await wait_for(future, 1s);
  CHECK(of_future == 2);
  const int of_callable = co_await wait_for([] { return gives(3, 1); }, 1s);
  CHECK(of_callable == 3);
  const int of_sleep = co_await wait_for(sleep(1ms, 4), 1s);
  CHECK(of_sleep == 4);
}

ASYNC_VIRTUAL_TEST("wait_for: a handle keeps its result", "[WFR-01]") {
  const std::string text = "a text too long to be stored in place";
  for (const std::optional<std::chrono::nanoseconds> limit :
       {std::optional<std::chrono::nanoseconds>(1s), std::optional<std::chrono::nanoseconds>(0s),
        std::optional<std::chrono::nanoseconds>()}) {
    auto task = create_task(gives(text));
    co_await turns(1);
    const std::string given = co_await wait_for(task, limit);
    CHECK(given == text);
    CHECK(task.result() == text);
  }
}

ASYNC_VIRTUAL_TEST("wait_for: a move-only result", "[WFR-01]") {
  auto task = create_task([]() -> Task<Item> { co_return Item(1); });
  Item item = co_await wait_for(std::move(task), 1s);
  CHECK(item.value() == 1);
  auto other = create_task([]() -> Task<Item> { co_return Item(2); });
  co_await turns(1);
  Item at_once = co_await wait_for(std::move(other), 0s);
  CHECK(at_once.value() == 2);
}

ASYNC_VIRTUAL_TEST("wait_for: a coroutine runs in the calling task and its context", "[WFR-02]") {
  const AnyTask caller = current_task();
  bool same_task = false;
  auto body = [&]() -> Task<> {
    same_task = current_task() == caller;
    level.set(1);
    co_await turns(1);
  };
  co_await wait_for(body(), 1s);
  CHECK(same_task);
  CHECK(level.get() == 1);
  CHECK(all_tasks().size() == 1);
}

ASYNC_VIRTUAL_TEST("wait_for: on expiry cancels, waits for the end, and raises TimeoutError",
                   "[WFR-03]") {
  const auto begin = now();
  auto task = create_task([]() -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    co_await sleep(5s);
    std::rethrow_exception(error);
  });
  const std::string how = co_await ending(wait_for(task, 1s));
  CHECK(how == "TimeoutError");
  CHECK(task.cancelled());
  CHECK(now() - begin == 6s);
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("wait_for: the TimeoutError nests the CancelledError", "[WFR-03]") {
  std::string nested;
  try {
    co_await wait_for(endless(), 1s);
  } catch (const TimeoutError& error) {
    try {
      std::rethrow_if_nested(error);
    } catch (...) {
      nested = describe(std::current_exception());
    }
  }
  CHECK(nested == "CancelledError");
}

ASYNC_VIRTUAL_TEST("wait_for: an error answered to the cancellation is raised", "[WFR-04]") {
  for (const auto limit : {1s, 0s}) {
    auto task = create_task(fails_when_cancelled("answer", 2));
    co_await turns(1);
    const std::string how = co_await ending(wait_for(task, limit));
    CHECK(how == "invalid_argument(answer)");
  }
}

ASYNC_VIRTUAL_TEST("wait_for: a value answered to the cancellation is given", "[WFR-05]") {
  for (const auto limit : {1s, 0s}) {
    auto task = create_task(gives_when_cancelled(7, 2));
    co_await turns(1);
    const int value = co_await wait_for(task, limit);
    CHECK(value == 7);
    CHECK(current_task().cancelling() == 0);
  }
  const int inline_value = co_await wait_for(gives_when_cancelled(8), 1s);
  CHECK(inline_value == 8);
}

ASYNC_VIRTUAL_TEST("wait_for: zero or less takes what is done", "[WFR-06]") {
  for (const auto limit : {0s, -1s}) {
    auto task = create_task(gives(1));
    co_await turns(1);
    const int value = co_await wait_for(task, limit);
    CHECK(value == 1);
    auto failed = create_task(fails("no"));
    co_await turns(1);
    const std::string how = co_await ending(wait_for(failed, limit));
    CHECK(how == "invalid_argument(no)");
  }
}

ASYNC_VIRTUAL_TEST("wait_for: zero or less does not execute a statement of a coroutine",
                   "[WFR-06]") {
  for (const auto limit : {0s, -1s}) {
    bool entered = false;
    auto body = [&entered]() -> Task<int> {
      entered = true;
      co_return 1;
    };
    const std::string how = co_await ending(wait_for(body(), limit));
    CHECK(how == "TimeoutError");
    CHECK_FALSE(entered);
    auto task = create_task(body());
    const std::string of_task = co_await ending(wait_for(task, limit));
    CHECK(of_task == "TimeoutError");
    CHECK_FALSE(entered);
    CHECK(task.cancelled());
  }
}

ASYNC_VIRTUAL_TEST("wait_for: zero or less does not translate what was cancelled before",
                   "[WFR-06]") {
  for (const auto limit : {0s, -1s}) {
    auto future = get_running_loop().create_future<>();
    future.cancel("before");
    const std::string of_future = co_await ending(wait_for(future, limit));
    CHECK(of_future == "CancelledError(before)");
    auto cancels_itself = []() -> Task<> {
      current_task().cancel("itself");
      co_await sleep(0s);
    };
    auto eager = create_task(cancels_itself(), {.eager_start = true});
    co_await turns(2);
    const std::string of_task = co_await ending(wait_for(eager, limit));
    CHECK(of_task == "CancelledError(itself)");
  }
}

ASYNC_VIRTUAL_TEST("wait_for: zero or less raises TimeoutError from the cancellation", "[WFR-03]") {
  std::string cause = "none";
  try {
    co_await wait_for(create_task(endless()), 0s);
  } catch (const TimeoutError& error) {
    try {
      std::rethrow_if_nested(error);
    } catch (const CancelledError&) {
      cause = "CancelledError";
    }
  }
  CHECK(cause == "CancelledError");
}

ASYNC_VIRTUAL_TEST("wait_for: zero waits for the end of a task that runs", "[WFR-06]") {
  auto task = create_task(cleans_up(5));
  co_await turns(1);
  const std::string how = co_await ending(wait_for(task, 0s));
  CHECK(how == "TimeoutError");
  CHECK(task.cancelled());
}

ASYNC_VIRTUAL_TEST("wait_for: a cancellation from outside cancels and awaits what is inside",
                   "[WFR-07]") {
  for (const std::optional<std::chrono::nanoseconds> limit :
       {std::optional<std::chrono::nanoseconds>(1h), {}}) {
    auto inner = create_task(cleans_up(4));
    auto outer = create_task(wait_for(inner, limit));
    co_await turns(2);
    outer.cancel();
    co_await turns(3);
    CHECK_FALSE(outer.done());  // the inner one is still cleaning up
    const std::string how = co_await ending(outer);
    CHECK(how == "CancelledError");
    CHECK(inner.cancelled());
    CHECK(outer.cancelling() == 1);
  }
}

ASYNC_VIRTUAL_TEST("wait_for: a cancellation is delivered though the inner task just finished",
                   "[WFR-08]") {
  for (const std::optional<std::chrono::nanoseconds> limit :
       {std::optional<std::chrono::nanoseconds>(1h), {}}) {
    auto inner = get_running_loop().create_future<int>();
    bool went_on = false;
    auto caller = [&]() -> Task<> {
      static_cast<void>(co_await wait_for(inner, limit));
      went_on = true;
    };
    auto outer = create_task(caller());
    co_await turns(1);
    inner.set_result(1);
    outer.cancel();
    const std::string how = co_await ending(outer);
    CHECK(how == "CancelledError");
    CHECK_FALSE(went_on);
    CHECK(inner.result() == 1);
  }
}

ASYNC_VIRTUAL_TEST("wait_for: with zero, cancelled while the inner task ends", "[WFR-08]") {
  for (int turn = 0; turn < 7; ++turn) {
    auto inner = create_task(cleans_up(2));
    co_await turns(1);
    auto outer = create_task(wait_for(inner, 0s));
    co_await turns(1 + turn);
    const bool taken = outer.cancel();
    const std::string how = co_await ending(outer);
    CHECK(how == (taken ? "CancelledError" : "TimeoutError"));
    const std::string of_inner = co_await ending(inner);
    CHECK(of_inner == "CancelledError");
  }
}

ASYNC_VIRTUAL_TEST("wait_for: shield protects what is inside", "[WFR-09]") {
  auto inner = create_task([]() -> Task<int> { co_return co_await sleep(5s, 1); });
  auto shielded = shield(inner);
  const std::string how = co_await ending(wait_for(shielded, 1s));
  CHECK(how == "TimeoutError");
  CHECK(shielded.cancelled());
  CHECK_FALSE(inner.done());
  const int value = co_await inner;
  CHECK(value == 1);
}

ASYNC_VIRTUAL_TEST("wait_for: a future that is done in the turn of the deadline keeps its result",
                   "[WFR-05][TMO-04]") {
  auto future = get_running_loop().create_future<int>();
  // Equal deadlines run in the order of their creation: the result comes, then the timeout.
  get_running_loop().call_later(1s, [future] { future.set_result(1); });
  auto task = create_task(wait_for(future, 1s));
  const std::string how = co_await ending(task);
  CHECK(how == "TimeoutError");
  CHECK(task.cancelling() == 0);
  CHECK(future.result() == 1);
}

ASYNC_VIRTUAL_TEST("wait_for: one that is dropped leaves its handle alone", "[tasks]") {
  auto task = create_task(gives(1, 3));
  static_cast<void>(wait_for(task, 1s));
  const int value = co_await task;
  CHECK(value == 1);
}

}  // namespace

}  // namespace wait_for_test

#include <asyncio/tasks/as_outcome.hpp>

#include <coroutine>
#include <tasks/steps.hpp>

namespace as_outcome_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Value = Counted<Tag>;

Task<Value> gives_counted(int value) {
  co_await turns(1);
  co_return Value(value);
}

Task<int&> gives_reference(int& value) {
  co_await turns(1);
  co_return value;
}

/// An awaiter of somebody else's: it is ready.
struct Ready {
  int value;
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const {
    if (value < 0) throw std::invalid_argument("negative");
    return value;
  }
};

ASYNC_VIRTUAL_TEST("as_outcome: the result of a coroutine as a value", "[tasks]") {
  Value::count.reset();
  {
    Outcome<Value> outcome = co_await as_outcome(gives_counted(3));
    REQUIRE(outcome.has_value());
    CHECK(outcome.value().value() == 3);
    CHECK_FALSE(outcome.cancelled());
    CHECK(outcome.error() == nullptr);
  }
  CHECK(Value::count.copied == 0);
  CHECK(Value::count.alive() == 0);

  const Outcome<void> nothing = co_await as_outcome(turns(1));
  CHECK(nothing.has_value());
}

ASYNC_VIRTUAL_TEST("as_outcome: a failure as a value, nothing thrown", "[tasks]") {
  const Outcome<int> outcome = co_await as_outcome(fails<int>("no", 1));
  CHECK_FALSE(outcome.has_value());
  CHECK_FALSE(outcome.cancelled());
  CHECK(describe(outcome) == "invalid_argument(no)");
  CHECK_THROWS_AS(outcome.value(), std::invalid_argument);
}

ASYNC_VIRTUAL_TEST("as_outcome: a reference result stays a reference", "[tasks]") {
  int target = 1;
  Outcome<int&> outcome = co_await as_outcome(gives_reference(target));
  CHECK(&outcome.take() == &target);
}

ASYNC_VIRTUAL_TEST("as_outcome: a future keeps its result, a move-only one gives it", "[tasks]") {
  auto future = get_running_loop().create_future<std::string>();
  future.set_result("kept");
  const Outcome<std::string> copy = co_await as_outcome(future);
  CHECK(copy.value() == "kept");
  CHECK(future.result() == "kept");

  auto single = get_running_loop().create_future<MoveOnly<Tag>>();
  single.set_result(5);
  Outcome<MoveOnly<Tag>> moved = co_await as_outcome(single);
  CHECK(moved.value().value() == 5);
}

ASYNC_VIRTUAL_TEST("as_outcome: a failed future counts as retrieved", "[tasks]") {
  Reports reports;
  {
    auto task = create_task(fails("seen"));
    const Outcome<void> outcome = co_await as_outcome(task);
    CHECK(describe(outcome) == "invalid_argument(seen)");
  }
  co_await turns(1);
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("as_outcome: any other awaitable, lvalue or rvalue", "[tasks]") {
  const Outcome<int> slept = co_await as_outcome(sleep(1s, 7));
  CHECK(slept.value() == 7);
  const Outcome<int> ready = co_await as_outcome(Ready{4});
  CHECK(ready.value() == 4);
  Ready named{-1};
  const Outcome<int> failed = co_await as_outcome(named);
  CHECK(describe(failed) == "invalid_argument(negative)");
}

ASYNC_VIRTUAL_TEST("as_outcome: the cancellation of what is awaited is a value", "[tasks]") {
  auto child = create_task(endless());
  co_await turns(1);
  child.cancel("enough");
  const Outcome<void> outcome = co_await as_outcome(child);
  CHECK(outcome.cancelled());
  CHECK(describe(outcome) == "CancelledError(enough)");
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("as_outcome: a cancellation that reached the awaited one is a value",
                   "[tasks]") {
  bool went_on = false;
  auto body = [&went_on]() -> Task<> {
    const Outcome<void> outcome = co_await as_outcome(endless());
    went_on = outcome.cancelled() && current_task().cancelling() == 1;
  };
  auto task = create_task(body());
  co_await turns(1);
  task.cancel();
  co_await task;
  CHECK(went_on);
}

ASYNC_VIRTUAL_TEST("as_outcome: a cancellation that the future refused is a value", "[tasks]") {
  auto future = get_running_loop().create_future<int>();
  std::string how;
  auto body = [&]() -> Task<> {
    const Outcome<int> outcome = co_await as_outcome(future);
    how = describe(outcome);
  };
  auto task = create_task(body());
  co_await turns(1);
  future.set_result(1);
  task.cancel("late");  // the future is done: nobody can take the request but the task
  co_await task;
  CHECK(how == "CancelledError(late)");
  CHECK(future.result() == 1);
}

ASYNC_VIRTUAL_TEST("as_outcome: a task that awaits itself gets the error as a value", "[tasks]") {
  std::optional<TaskHandle<>> self;
  std::string how;
  auto body = [&]() -> Task<> {
    const Outcome<void> outcome = co_await as_outcome(*self);
    how = describe(outcome);
  };
  self = create_task(body());
  co_await *self;
  CHECK(how == "RuntimeError(Task cannot await on itself)");
}

ASYNC_VIRTUAL_TEST("as_outcome: one that is dropped destroys its coroutine", "[tasks]") {
  Value::count.reset();
  auto holds = [](Value) -> Task<> { co_return; };
  static_cast<void>(as_outcome(holds(Value(1))));
  CHECK(Value::count.constructed > 0);
  CHECK(Value::count.alive() == 0);
  co_return;
}

}  // namespace

}  // namespace as_outcome_test

#include <asyncio/tasks/timeout.hpp>

#include <tasks/steps.hpp>

namespace timeout_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

EventLoop::time_point now() { return get_running_loop().time(); }

/// The exception nested in the one being handled, in a word.
std::string cause(const std::exception& error) {
  try {
    std::rethrow_if_nested(error);
  } catch (...) {
    return describe(std::current_exception());
  }
  return "none";
}

ASYNC_VIRTUAL_TEST("timeout: counts from the call, not from the entry", "[TMO-01]") {
  const auto begin = now();
  auto scope = timeout(100ms);
  CHECK(scope.when() == begin + 100ms);
  co_await sleep(60ms);
  const std::string how = co_await ending(async_with(scope, &endless));
  CHECK(how == "TimeoutError");
  CHECK(now() - begin == 100ms);
}

ASYNC_VIRTUAL_TEST("timeout_at: ends at a point of the loop's clock", "[TMO-01][TMO-11]") {
  const auto begin = now();
  auto scope = timeout_at(begin + 20s);
  CHECK(scope.when() == begin + 20s);
  const std::string how = co_await ending(async_with(scope, &endless));
  CHECK(how == "TimeoutError");
  CHECK(now() - begin == 20s);
}

ASYNC_VIRTUAL_TEST("timeout: nullopt is a scope without a deadline", "[TMO-01][TMO-11]") {
  auto never = timeout(std::nullopt);
  co_await async_with(never, [] { return sleep(1h); });
  CHECK(never.when() == std::nullopt);
  CHECK_FALSE(never.expired());

  auto optional = timeout(std::optional<std::chrono::seconds>());
  CHECK(optional.when() == std::nullopt);
  auto given = timeout(std::optional(5s));
  CHECK(given.when() == now() + 5s);
  auto at = timeout_at(std::nullopt);
  CHECK(at.when() == std::nullopt);
}

ASYNC_VIRTUAL_TEST("timeout: the largest duration does not overflow", "[TMO-01]") {
  auto scope = timeout(std::chrono::hours::max());
  co_await async_with(scope, [] { return turns(1); });
  CHECK(scope.when() == EventLoop::time_point::max());
}

ASYNC_VIRTUAL_TEST("timeout: needs a task, and stays usable without one", "[TMO-02]") {
  auto scope = timeout(1s);
  std::string how;
  get_running_loop().call_soon([&] {
    try {
      scope.aenter();
    } catch (...) {
      how = describe(std::current_exception());
    }
  });
  co_await turns(1);
  CHECK(how == "RuntimeError(Timeout should be used inside a task)");
  CHECK(scope.state() == TimeoutState::created);
  co_await async_with(scope, [] { return turns(1); });
  CHECK(scope.state() == TimeoutState::finished);
}

ASYNC_VIRTUAL_TEST("timeout: is entered once", "[TMO-02]") {
  auto scope = timeout(1s);
  std::string nested;
  co_await async_with(scope, [&](Timeout& same) -> Task<> {
    nested = co_await ending(async_with(same, &endless));
  });
  CHECK(nested == "RuntimeError(Timeout has already been entered)");
  const std::string again = co_await ending(async_with(scope, &endless));
  CHECK(again == "RuntimeError(Timeout has already been entered)");
}

ASYNC_VIRTUAL_TEST("timeout: cancels its task once, and is expiring meanwhile",
                   "[TMO-03][TMO-13]") {
  auto scope = timeout(1s);
  CHECK(scope.state() == TimeoutState::created);
  const std::string how = co_await ending(async_with(scope, [](Timeout& self) -> Task<> {
    CHECK(self.state() == TimeoutState::active);
    CHECK_FALSE(self.expired());
    const std::exception_ptr error = co_await cancellation();
    CHECK(describe(error) == "CancelledError");
    CHECK(self.state() == TimeoutState::expiring);
    CHECK(self.expired());
    CHECK(current_task().cancelling() == 1);
    co_await sleep(1h);  // the clean-up is not cancelled again
    std::rethrow_exception(error);
  }));
  CHECK(how == "TimeoutError");
  CHECK(scope.state() == TimeoutState::expired);
  CHECK(scope.expired());
}

ASYNC_VIRTUAL_TEST("timeout: its own cancellation becomes a TimeoutError that nests it",
                   "[TMO-04]") {
  std::string nested;
  try {
    co_await async_with(timeout(1s), &endless);
  } catch (const TimeoutError& error) {
    nested = cause(error);
    CHECK(error.code() == std::errc::timed_out);
  }
  CHECK(nested == "CancelledError");
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);  // nothing is left to be raised
}

ASYNC_VIRTUAL_TEST("timeout: a foreign cancellation stays one", "[TMO-05]") {
  auto scope = timeout(1h);
  auto task = create_task(async_with(scope, &endless));
  co_await turns(1);
  task.cancel("foreign");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(foreign)");
  CHECK_FALSE(scope.expired());
  CHECK(task.cancelling() == 1);
}

ASYNC_VIRTUAL_TEST("timeout: a foreign cancellation wins over the scope's own in the same turn",
                   "[TMO-05]") {
  for (const bool foreign_first : {true, false}) {
    auto scope = timeout(std::nullopt);
    auto task = create_task(async_with(scope, &endless));
    co_await turns(1);
    auto cancel = [&task] { task.cancel(); };
    if (foreign_first) get_running_loop().call_soon(cancel);
    scope.reschedule(now());
    if (!foreign_first) get_running_loop().call_soon(cancel);
    const std::string how = co_await ending(task);
    CHECK(how == "CancelledError");
    CHECK(scope.expired());
    CHECK(task.cancelling() == 1);
  }
}

ASYNC_VIRTUAL_TEST("timeout: works in the clean-up of a task that was cancelled", "[TMO-06]") {
  std::string how;
  auto body = [&how]() -> Task<> {
    static_cast<void>(co_await cancellation());
    how = co_await ending(async_with(timeout(1s), &endless));
    CHECK(current_task().cancelling() == 1);
  };
  auto task = create_task(body());
  co_await turns(1);
  task.cancel();
  co_await task;
  CHECK(how == "TimeoutError");
}

ASYNC_VIRTUAL_TEST("timeout: another exception passes, before the deadline and after it",
                   "[TMO-07]") {
  auto early = timeout(1s);
  const std::string before = co_await ending(async_with(early, [] { return fails("early"); }));
  CHECK(before == "invalid_argument(early)");
  CHECK_FALSE(early.expired());

  auto late = timeout(1s);
  const std::string after =
      co_await ending(async_with(late, [] { return fails_when_cancelled("late"); }));
  CHECK(after == "invalid_argument(late)");
  CHECK(late.expired());
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: an exception group passes, with the scope expired",
                   "[TMO-07][TGR-20]") {
  auto scope = timeout(1s);
  const std::string how = co_await ending(async_with(scope, [] {
    return async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_when_cancelled("child"));
      co_return;
    });
  }));
  CHECK(how == "ExceptionGroup[invalid_argument(child)]");
  CHECK(scope.expired());
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: a body that swallows the cancellation ends without an error",
                   "[TMO-08]") {
  auto scope = timeout(1s);
  const int result = co_await async_with(scope, []() -> Task<int> {
    static_cast<void>(co_await cancellation());
    co_return 5;
  });
  CHECK(result == 5);
  CHECK(scope.expired());
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: nothing is interrupted that does not suspend", "[TMO-09]") {
  auto past = timeout(-1s);
  bool ran = false;
  co_await async_with(past, [&ran]() -> Task<> {
    ran = true;
    co_return;
  });
  CHECK(ran);
  CHECK_FALSE(past.expired());
  CHECK(past.state() == TimeoutState::finished);
  co_await turns(2);  // its timer is gone
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: zero and the past interrupt the first suspension, even sleep(0)",
                   "[TMO-10]") {
  for (const auto delay : {0s, -1s}) {
    auto scope = timeout(delay);
    int passed = 0;
    const std::string how = co_await ending(async_with(scope, [&passed]() -> Task<> {
      ++passed;
      co_await sleep(0s);
      ++passed;
    }));
    CHECK(how == "TimeoutError");
    CHECK(passed == 1);
    CHECK(scope.expired());
  }
}

ASYNC_VIRTUAL_TEST("timeout: reschedule moves the deadline, from another task too", "[TMO-12]") {
  const auto begin = now();
  auto scope = timeout(1s);
  auto task = create_task(async_with(scope, &endless));
  co_await sleep(500ms);
  scope.reschedule(now() + 10s);
  CHECK(scope.when() == begin + 10s + 500ms);
  const std::string how = co_await ending(task);
  CHECK(how == "TimeoutError");
  CHECK(now() == begin + 10s + 500ms);
}

ASYNC_VIRTUAL_TEST("timeout: reschedule to nullopt switches it off", "[TMO-12]") {
  auto scope = timeout(1s);
  auto task = create_task(async_with(scope, &endless));
  co_await turns(1);
  scope.reschedule(std::nullopt);
  CHECK(scope.when() == std::nullopt);
  co_await sleep(1h);
  CHECK_FALSE(task.done());
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK_FALSE(scope.expired());
}

ASYNC_VIRTUAL_TEST("timeout: reschedule to the past fires in the next turn", "[TMO-12]") {
  auto scope = timeout(1h);
  int passed = 0;
  const std::string how = co_await ending(async_with(scope, [&passed](Timeout& self) -> Task<> {
    self.reschedule(now() - 1s);
    co_await sleep(0s);
    ++passed;
  }));
  CHECK(how == "TimeoutError");
  CHECK(passed == 0);
}

ASYNC_VIRTUAL_TEST("timeout: reschedule away from a firing that is queued", "[TMO-12]") {
  auto scope = timeout(0s);
  co_await async_with(scope, [](Timeout& self) -> Task<> {
    self.reschedule(now() + 1h);
    co_await turns(2);
  });
  CHECK_FALSE(scope.expired());
}

ASYNC_VIRTUAL_TEST("timeout: reschedule is refused unless the scope is active", "[TMO-12]") {
  const auto refusal = [](Timeout& scope) -> std::string {
    try {
      scope.reschedule(std::nullopt);
    } catch (...) {
      return describe(std::current_exception());
    }
    return "accepted";
  };
  auto scope = timeout(1s);
  CHECK(refusal(scope) == "RuntimeError(Timeout has not been entered)");
  co_await async_with(scope, [&](Timeout&) -> Task<> {
    static_cast<void>(co_await cancellation());
    CHECK(refusal(scope) == "RuntimeError(Cannot change state of expiring Timeout)");
  });
  CHECK(refusal(scope) == "RuntimeError(Cannot change state of expired Timeout)");

  auto in_time = timeout(1s);
  co_await async_with(in_time, [] { return turns(1); });
  CHECK(refusal(in_time) == "RuntimeError(Cannot change state of finished Timeout)");
}

/// Two scopes, one in the other; gives how each ended, the inner first.
Task<Trace> nested(Timeout& outer, Timeout& inner) {
  Trace trace;
  trace.push_back(co_await ending(async_with(outer, [&]() -> Task<> {
    const Outcome<void> outcome = co_await as_outcome(async_with(inner, &endless));
    trace.push_back(describe(outcome));
    static_cast<void>(outcome.value());  // rethrows
  })));
  co_return trace;
}

ASYNC_VIRTUAL_TEST("timeout: of nested scopes only the one that is due converts", "[TMO-14]") {
  auto short_outer = timeout(1s);
  auto long_inner = timeout(2s);
  const Trace by_outer = co_await nested(short_outer, long_inner);
  CHECK(by_outer == Trace{"CancelledError", "TimeoutError"});
  CHECK_FALSE(long_inner.expired());

  auto long_outer = timeout(2s);
  auto short_inner = timeout(1s);
  const Trace by_inner = co_await nested(long_outer, short_inner);
  CHECK(by_inner == Trace{"TimeoutError", "TimeoutError"});  // the outer passes the inner's error
  CHECK_FALSE(long_outer.expired());
}

ASYNC_VIRTUAL_TEST("timeout: of two scopes with one deadline only the outer converts", "[TMO-14]") {
  const auto deadline = now() + 1s;
  auto outer = timeout_at(deadline);
  auto inner = timeout_at(deadline);
  const Trace trace = co_await nested(outer, inner);
  CHECK(trace == Trace{"CancelledError", "TimeoutError"});
  CHECK(outer.expired());
  CHECK(inner.expired());
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: two deadlines that passed while the loop was busy", "[TMO-15]") {
  // Both are in the past when the loop looks: the same as a callback that blocked for so long.
  auto outer = timeout(std::nullopt);
  auto inner = timeout(std::nullopt);
  auto task = create_task(nested(outer, inner));
  co_await turns(1);
  outer.reschedule(now() - 1s);
  inner.reschedule(now() - 2s);
  const Trace trace = co_await task;
  CHECK(trace == Trace{"CancelledError", "TimeoutError"});
  CHECK(outer.expired());
  CHECK(inner.expired());
  CHECK(task.cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: one inside the clean-up of an expired one", "[TMO-16]") {
  auto outer = timeout(1s);
  Trace trace;
  trace.push_back(co_await ending(async_with(outer, [&]() -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    trace.push_back(co_await ending(async_with(timeout(1s), &endless)));
    std::rethrow_exception(error);
  })));
  CHECK(trace == Trace{"TimeoutError", "TimeoutError"});
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("timeout: leaves no timer behind and does not suspend", "[TMO-17]") {
  EventLoop& loop = get_running_loop();
  bool other_ran = false;
  auto marker = loop.call_soon([&other_ran] { other_ran = true; });
  co_await async_with(timeout(1h), []() -> Task<> { co_return; });
  CHECK_FALSE(other_ran);
  const std::string how = co_await ending(async_with(timeout(1h), [] { return fails("x"); }));
  CHECK(how == "invalid_argument(x)");
  CHECK(loop.first_deadline() == std::nullopt);
  marker.cancel();  // it refers to this frame
}

ASYNC_VIRTUAL_TEST("timeout: the states have names", "[TMO-18]") {
  CHECK(std::string(to_string(TimeoutState::created)) == "created");
  CHECK(std::string(to_string(TimeoutState::active)) == "active");
  CHECK(std::string(to_string(TimeoutState::expiring)) == "expiring");
  CHECK(std::string(to_string(TimeoutState::expired)) == "expired");
  CHECK(std::string(to_string(TimeoutState::finished)) == "finished");
  co_return;
}

ASYNC_VIRTUAL_TEST("timeout: to_string tells the deadline while it is active", "[TMO-18]") {
  auto scope = timeout_at(EventLoop::time_point(12'345'678us));
  CHECK(to_string(scope) == "<Timeout [created]>");
  co_await async_with(scope, [](Timeout& active) -> Task<> {
    const std::string with = to_string(active);
    active.reschedule(std::nullopt);
    CHECK(with == "<Timeout [active] when=12.346>");
    CHECK(to_string(active) == "<Timeout [active] when=None>");
    co_return;
  });
  CHECK(to_string(scope) == "<Timeout [finished]>");
}

ASYNC_VIRTUAL_TEST("timeout: one that its task does not leave fires into nothing", "[TMO-17]") {
  auto scope = timeout(1s);
  scope.aenter();
  {
    Timeout moved(timeout(1s));
    Timeout before_entry(std::move(moved));
    CHECK(before_entry.when() == now() + 1s);
  }
  scope.aexit(nullptr);
  co_await sleep(2s);
  CHECK_FALSE(scope.expired());
}

}  // namespace

}  // namespace timeout_test

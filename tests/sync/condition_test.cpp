#include <asyncio/sync/condition.hpp>

#include <tasks/steps.hpp>

namespace condition_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(AsyncContextManager<Condition>);
static_assert(!std::is_move_constructible_v<Condition>);

namespace {

/// Acquires, waits for a notification, and says how it ended and whether the lock is held then.
Task<> waits(Condition& condition, std::string name, Trace& trace) {
  co_await condition.acquire();
  std::exception_ptr error = nullptr;
  try {
    co_await condition.wait();
  } catch (...) {
    error = std::current_exception();
  }
  trace.push_back(name + (error ? " " + describe(error) : "") +
                  (condition.locked() ? "" : " unlocked"));
  condition.release();
  if (error) std::rethrow_exception(error);
}

Task<> notifies(Condition& condition, std::size_t n = 1) {
  auto held = co_await condition.scoped_acquire();
  condition.notify(n);
}

std::string refusal(Condition& condition, void (*act)(Condition&)) {
  try {
    act(condition);
  } catch (...) {
    return describe(std::current_exception());
  }
  return "none";
}

ASYNC_TEST("condition: acquires and releases its lock", "[CND-01][SYN-05]") {
  Condition condition;
  CHECK_FALSE(condition.locked());
  const bool taken = co_await condition.acquire();
  CHECK(taken);
  CHECK(condition.locked());
  condition.release();
  {
    auto held = co_await condition.scoped_acquire();
    CHECK(condition.locked());
  }
  co_await async_with(condition, [&]() -> Task<> {
    CHECK(condition.locked());
    co_return;
  });
  CHECK_FALSE(condition.locked());
}

ASYNC_TEST("condition: two share a lock, by reference or counted", "[CND-01]") {
  Lock lock;
  Condition first(lock), second(lock);
  co_await first.acquire();
  CHECK(second.locked());
  CHECK(lock.locked());
  second.release();
  CHECK_FALSE(first.locked());

  auto shared = std::make_shared<Lock>();
  Condition third(shared), fourth(std::shared_ptr<Lock>{});
  co_await shared->acquire();
  CHECK(third.locked());
  CHECK_FALSE(fourth.locked());
}

ASYNC_TEST("condition: wait and notify need the lock", "[CND-02][CND-06][CND-08]") {
  Condition condition;
  const std::string wait = co_await ending(condition.wait());
  CHECK(wait == "RuntimeError(cannot wait on un-acquired lock)");
  const std::string wait_for = co_await ending(condition.wait_for([] { return false; }));
  CHECK(wait_for == "RuntimeError(cannot wait on un-acquired lock)");
  const std::string text = "RuntimeError(cannot notify on un-acquired lock)";
  CHECK(refusal(condition, [](Condition& c) { c.notify(); }) == text);
  CHECK(refusal(condition, [](Condition& c) { c.notify_all(); }) == text);
}

ASYNC_TEST("condition: wait releases the lock and has it again afterwards", "[CND-02]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  co_await turns(1);
  CHECK_FALSE(condition.locked());
  co_await notifies(condition);
  co_await a;
  CHECK(trace == Trace{"a"});
  CHECK_FALSE(condition.locked());
}

ASYNC_TEST("condition: notify wakes the first n, in order", "[CND-06][CND-07]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  auto b = create_task(waits(condition, "b", trace));
  auto c = create_task(waits(condition, "c", trace));
  co_await turns(2);
  co_await notifies(condition, 1);
  co_await turns(4);
  CHECK(trace == Trace{"a"});
  co_await notifies(condition, 1);
  co_await notifies(condition, 2048);
  co_await c;
  CHECK(trace == Trace{"a", "b", "c"});
}

ASYNC_TEST("condition: notify_all wakes all, in order, when the lock is released",
           "[CND-06][CND-07]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  auto b = create_task(waits(condition, "b", trace));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify_all();
  condition.notify(1);  // nobody is left
  co_await turns(3);
  CHECK(trace == Trace{});
  condition.release();
  co_await b;
  CHECK(trace == Trace{"a", "b"});
}

ASYNC_TEST("condition: wait_for asks first, without the lock", "[CND-08]") {
  Condition condition;
  int other_turns = 0;
  get_running_loop().call_soon([&] { ++other_turns; });
  const int value = co_await condition.wait_for([] { return 42; });
  CHECK(value == 42);
  CHECK(other_turns == 0);
  co_await turns(1);
  CHECK(other_turns == 1);
}

ASYNC_TEST("condition: wait_for asks after each notification", "[CND-08][CND-09]") {
  Condition condition;
  int value = 0, asked = 0;
  auto is_there = [&] {
    ++asked;
    return value;
  };
  auto waiter = create_task([&]() -> Task<int> {
    auto held = co_await condition.scoped_acquire();
    co_return co_await condition.wait_for(is_there);
  });
  co_await turns(1);
  co_await notifies(condition);
  co_await turns(3);
  CHECK(asked == 2);
  CHECK_FALSE(waiter.done());
  value = 7;
  co_await notifies(condition);
  const int result = co_await waiter;
  CHECK(result == 7);
  CHECK(asked == 3);
}

// gh-77022, bpo-22970: wait() returned without its lock when it was cancelled.
ASYNC_VIRTUAL_TEST("condition: a cancelled wait has the lock again", "[CND-03]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  co_await turns(1);
  a.cancel("stop");
  co_await turns(3);
  CHECK(a.cancelled());
  CHECK(trace == Trace{"a CancelledError(stop)"});
}

// bpo-32841: a cancellation while the lock is acquired again was swallowed, or left without it.
ASYNC_VIRTUAL_TEST("condition: cancelled while it acquires the lock again, it waits for it",
                   "[CND-03]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  co_await turns(1);
  co_await condition.acquire();
  condition.notify();
  co_await turns(2);  // a is in line for the lock
  a.cancel("first");
  co_await turns(2);
  CHECK(trace == Trace{});
  a.cancel("second");
  co_await turns(2);
  CHECK(trace == Trace{});
  condition.release();
  co_await turns(2);
  CHECK(trace == Trace{"a CancelledError(second)"});
  CHECK_FALSE(condition.locked());
}

// gh-112202: the CancelledError that is raised is the one that was made by cancel().
ASYNC_VIRTUAL_TEST("condition: cancelled in line, then again: the last error is raised",
                   "[CND-03]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  co_await turns(1);
  co_await condition.acquire();
  a.cancel("first");
  co_await turns(2);
  a.cancel("second");
  co_await turns(1);
  condition.release();
  co_await turns(3);
  CHECK(trace == Trace{"a CancelledError(second)"});
}

// gh-112202, gh-86766: the notification of a cancelled task was lost.
ASYNC_VIRTUAL_TEST("condition: a waiter cancelled after it was notified passes it on", "[CND-04]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  auto b = create_task(waits(condition, "b", trace));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify();
  a.cancel();
  condition.release();
  co_await b;
  CHECK(trace == Trace{"a CancelledError", "b"});
}

ASYNC_VIRTUAL_TEST("condition: notified, in line for the lock, and cancelled, it passes it on",
                   "[CND-04][CND-05]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  auto b = create_task(waits(condition, "b", trace));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify();
  co_await turns(2);
  a.cancel();
  co_await turns(1);
  condition.release();
  co_await b;
  CHECK(trace == Trace{"a CancelledError", "b"});
  CHECK_FALSE(condition.locked());
}

ASYNC_VIRTUAL_TEST("condition: notified, then cancelled in the turn it gets the lock", "[CND-05]") {
  Condition condition;
  Trace trace;
  auto a = create_task(waits(condition, "a", trace));
  co_await turns(1);
  co_await condition.acquire();
  condition.notify();
  co_await turns(2);
  condition.release();  // a gets the lock in the next turn
  a.cancel();
  co_await turns(3);
  CHECK(trace == Trace{"a CancelledError"});
  CHECK_FALSE(condition.locked());
}

ASYNC_VIRTUAL_TEST("condition: create_task(wait()) cancelled in the turn of the notification",
                   "[CND-04]") {
  Condition condition;
  Trace trace;
  co_await condition.acquire();
  auto a = create_task(condition.wait());
  co_await turns(1);
  auto b = create_task(waits(condition, "b", trace));
  co_await turns(1);
  co_await condition.acquire();
  condition.notify();
  condition.release();
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK(condition.locked());  // by a, which left it to whoever awaits a
  condition.release();
  co_await b;
  CHECK(trace == Trace{"b"});
}

ASYNC_VIRTUAL_TEST("condition: a wait that times out passes nothing on wrongly",
                   "[SYN-03][CND-04][WFR-10]") {
  Condition condition;
  Trace trace;
  co_await condition.acquire();
  const std::string how = co_await ending(wait_for(condition.wait(), 1s));
  CHECK(how == "TimeoutError");
  CHECK(condition.locked());
  condition.notify_all();
}

TEST_CASE("condition: can be made without a loop, and belongs to the first that waits",
          "[SYN-01][SYN-02]") {
  Condition condition;
  auto use = [&condition]() -> Task<> {
    Trace trace;
    auto a = create_task(waits(condition, "a", trace));
    co_await turns(1);
    co_await notifies(condition);
    co_await a;
  };
  auto first = new_event_loop();
  auto second = new_event_loop();
  first->run_until_complete(use());
  std::string how;
  auto wait = [&condition]() -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await condition.wait();
  };
  try {
    second->run_until_complete(wait());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Condition is bound to a different event loop)");
  CHECK_FALSE(condition.locked());
}

TEST_CASE("condition: a loop that closes destroys waiters and condition in any order", "[sync]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task([]() -> Task<> {
    Condition condition;
    Trace trace;
    auto a = create_task(waits(condition, "a", trace));
    auto b = create_task(waits(condition, "b", trace));
    co_await turns(1);
    co_await notifies(condition);
    co_await endless();
  });
  loop->run_once();
  loop->run_once();
  loop->close();
  CHECK(loop->is_closed());
}

}  // namespace

}  // namespace condition_test

#include <asyncio/sync/lock.hpp>

#include <tasks/steps.hpp>

namespace lock_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(AsyncContextManager<Lock>);
static_assert(!std::is_move_constructible_v<Lock> && !std::is_copy_constructible_v<Lock>);

namespace {

/// Acquires, notes its name, and releases after some turns.
Task<> locks(Lock& lock, std::string name, Trace& trace, int held_for = 1) {
  co_await lock.acquire();
  trace.push_back(name);
  co_await turns(held_for);
  lock.release();
}

/// Acquires and keeps the lock.
Task<> takes(Lock& lock, std::string name, Trace& trace) {
  try {
    co_await lock.acquire();
    trace.push_back(name);
  } catch (const CancelledError&) {
    trace.push_back(name + " cancelled");
    throw;
  }
}

ASYNC_TEST("lock: is taken at once when it is free", "[LCK-01]") {
  Lock lock;
  int other_turns = 0;
  get_running_loop().call_soon([&] { ++other_turns; });
  const bool taken = co_await lock.acquire();
  CHECK(taken);
  CHECK(lock.locked());
  CHECK(other_turns == 0);
  co_await turns(1);
  CHECK(other_turns == 1);
  lock.release();
  CHECK_FALSE(lock.locked());
}

ASYNC_TEST("lock: waiters get it first in, first out", "[LCK-01][LCK-02]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(locks(lock, "a", trace));
  auto b = create_task(locks(lock, "b", trace));
  auto c = create_task(locks(lock, "c", trace));
  co_await turns(2);
  CHECK(trace == Trace{});
  lock.release();
  co_await a;
  co_await b;
  co_await c;
  CHECK(trace == Trace{"a", "b", "c"});
  CHECK_FALSE(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: a release takes exactly one turn to reach the waiter", "[LCK-04]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto waiter = create_task(takes(lock, "waiter", trace));
  co_await turns(1);
  lock.release();
  CHECK_FALSE(lock.locked());  // as in Python: the waiter takes it when it runs
  CHECK(trace == Trace{});
  co_await turns(1);
  CHECK(trace == Trace{"waiter"});
  CHECK(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: nobody overtakes in the turn in which it changes hands", "[LCK-02]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto waiter = create_task(takes(lock, "waiter", trace));
  co_await turns(1);
  lock.release();
  auto self = create_task(takes(lock, "releaser", trace));
  co_await turns(2);
  CHECK(trace == Trace{"waiter"});
  lock.release();
  co_await self;
  CHECK(trace == Trace{"waiter", "releaser"});
}

ASYNC_VIRTUAL_TEST("lock: a newcomer does not wait behind the cancelled only", "[LCK-02][LCK-05]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  co_await turns(1);
  a.cancel();
  lock.release();
  const bool taken = co_await lock.acquire();
  CHECK(taken);
  CHECK(trace == Trace{});  // it was not suspended
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled"});
  CHECK(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: any task may release it, and it is not reentrant", "[LCK-03]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto again = create_task(takes(lock, "again", trace));
  co_await turns(3);
  CHECK(trace == Trace{});
  auto release = create_task([&lock]() -> Task<> {
    lock.release();
    co_return;
  });
  co_await again;
  CHECK(trace == Trace{"again"});
}

ASYNC_TEST("lock: releasing a free one throws and changes nothing", "[LCK-04]") {
  Lock lock;
  std::string how;
  try {
    lock.release();
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Lock is not acquired.)");
  CHECK_FALSE(lock.locked());
  co_await lock.acquire();
  CHECK(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: a second release in the turn of the first one throws", "[LCK-04]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  auto b = create_task(takes(lock, "b", trace));
  co_await turns(1);
  lock.release();
  CHECK_THROWS_AS(lock.release(), RuntimeError);
  co_await turns(3);
  CHECK(trace == Trace{"a"});
  lock.release();
  co_await b;
}

ASYNC_VIRTUAL_TEST("lock: a waiter that is cancelled in line leaves the others alone", "[LCK-05]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  auto b = create_task(locks(lock, "b", trace));
  auto c = create_task(locks(lock, "c", trace));
  co_await turns(1);
  b.cancel();
  co_await turns(1);
  lock.release();
  co_await a;
  lock.release();
  co_await c;
  CHECK(trace == Trace{"a", "c"});
  CHECK(b.cancelled());
}

// bpo-27585, bpo-32734: the release that had woken a cancelled waiter was lost.
ASYNC_VIRTUAL_TEST("lock: a waiter cancelled after it was woken passes the lock on", "[LCK-06]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  auto b = create_task(takes(lock, "b", trace));
  co_await turns(1);
  lock.release();
  a.cancel();
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled"});
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled", "b"});
  CHECK(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: nobody else waits: the cancelled one leaves it free", "[LCK-06]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  co_await turns(1);
  lock.release();
  a.cancel();
  co_await turns(1);
  CHECK(a.cancelled());
  CHECK_FALSE(lock.locked());
  co_await lock.acquire();
  CHECK(lock.locked());
}

// The same where nothing runs after the await: the task's own result must not hide the loss.
ASYNC_VIRTUAL_TEST("lock: create_task(acquire()) cancelled in the turn of the hand-off",
                   "[LCK-06]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(lock.acquire());
  auto b = create_task(takes(lock, "b", trace));
  co_await turns(1);
  lock.release();
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK(trace == Trace{"b"});
  CHECK(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: create_task(scoped_acquire()) cancelled in the turn of the hand-off",
                   "[LCK-06][SYN-05]") {
  Lock lock;
  co_await lock.acquire();
  auto a = create_task(lock.scoped_acquire());
  co_await turns(1);
  lock.release();
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK_FALSE(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: a release onto waiters cancelled in the same turn finds the live one",
                   "[LCK-07]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(takes(lock, "a", trace));
  auto b = create_task(takes(lock, "b", trace));
  auto c = create_task(takes(lock, "c", trace));
  co_await turns(1);
  a.cancel();
  b.cancel();
  lock.release();
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled", "b cancelled"});
  co_await turns(1);  // as in Python, the last cancelled one wakes it
  CHECK(trace == Trace{"a cancelled", "b cancelled", "c"});
}

ASYNC_VIRTUAL_TEST("lock: a waiter cancelled between two live ones", "[LCK-07]") {
  Lock lock;
  Trace trace;
  co_await lock.acquire();
  auto a = create_task(locks(lock, "a", trace, 0));
  auto b = create_task(takes(lock, "b", trace));
  auto c = create_task(locks(lock, "c", trace, 0));
  co_await turns(1);
  lock.release();
  b.cancel();
  co_await c;
  CHECK(trace == Trace{"a", "b cancelled", "c"});
  CHECK_FALSE(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: wait_for gives up, and the lock is not taken later", "[SYN-03][LCK-05]") {
  Lock lock;
  co_await lock.acquire();
  const std::string how = co_await ending(wait_for(lock.acquire(), 1s));
  CHECK(how == "TimeoutError");
  lock.release();
  co_await turns(3);
  CHECK_FALSE(lock.locked());
}

ASYNC_TEST("lock: a scoped acquisition releases at the end of the scope", "[SYN-05]") {
  Lock lock;
  {
    auto held = co_await lock.scoped_acquire();
    CHECK(held);
    CHECK(lock.locked());
  }
  CHECK_FALSE(lock.locked());
}

ASYNC_TEST("lock: a scoped acquisition can be moved, and released early", "[SYN-05]") {
  Lock lock;
  Held<Lock> outer;
  CHECK_FALSE(outer);
  {
    auto held = co_await lock.scoped_acquire();
    outer = std::move(held);
    CHECK_FALSE(held);
  }
  CHECK(lock.locked());
  outer.release();
  outer.release();
  CHECK_FALSE(lock.locked());
  CHECK_FALSE(outer);
}

ASYNC_TEST("lock: a scoped acquisition that somebody else released is reported", "[SYN-05]") {
  Reports reports;
  Lock lock;
  {
    auto held = co_await lock.scoped_acquire();
    lock.release();
  }
  CHECK(reports.messages() == Trace{"a scoped lock was released by somebody else: "
                                    "RuntimeError(Lock is not acquired.)"});
}

ASYNC_TEST("lock: a scoped acquisition may outlive its lock", "[SYN-05]") {
  std::optional<Lock> lock(std::in_place);
  auto held = co_await lock->scoped_acquire();
  lock.reset();
  CHECK_FALSE(held);
}

ASYNC_TEST("lock: a scoped acquisition waits in line", "[SYN-05][LCK-02]") {
  Lock lock;
  Trace trace;
  auto scoped = [](Lock& same, std::string name, Trace& log) -> Task<> {
    auto held = co_await same.scoped_acquire();
    log.push_back(name);
    co_await turns(1);
  };
  co_await gather(scoped(lock, "a", trace), scoped(lock, "b", trace), scoped(lock, "c", trace));
  CHECK(trace == Trace{"a", "b", "c"});
  CHECK_FALSE(lock.locked());
}

ASYNC_TEST("lock: async_with acquires and releases, also when the body fails", "[SYN-05]") {
  Lock lock;
  const int value = co_await async_with(lock, [&]() -> Task<int> {
    CHECK(lock.locked());
    co_return 7;
  });
  CHECK(value == 7);
  CHECK_FALSE(lock.locked());
  const std::string how = co_await ending(async_with(lock, [] { return fails("broken", 1); }));
  CHECK(how == "invalid_argument(broken)");
  CHECK_FALSE(lock.locked());
}

ASYNC_VIRTUAL_TEST("lock: async_with cancelled in the turn of the hand-off", "[SYN-05][LCK-06]") {
  Lock lock;
  co_await lock.acquire();
  auto task = create_task(async_with(lock, [] { return endless(); }));
  co_await turns(2);
  lock.release();
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK_FALSE(lock.locked());
}

ASYNC_TEST("lock: an acquisition that is awaited twice acquires twice", "[SYN-06]") {
  Lock lock;
  const auto acquisition = lock.acquire();
  co_await acquisition;
  lock.release();
  co_await acquisition;
  CHECK(lock.locked());
  static_assert(!Awaitable<Lock&>);
}

TEST_CASE("lock: can be made without a loop", "[SYN-02][SYN-01]") {
  Lock lock;
  auto take = [&lock]() -> Task<> {
    co_await lock.acquire();
    lock.release();
  };
  run(take());  // nobody waits, so that another loop may use it too
  run(take());
  CHECK_FALSE(lock.locked());
}

TEST_CASE("lock: tasks of a second loop cannot wait at it", "[SYN-01]") {
  Lock lock;
  auto wait = [&lock]() -> Task<> {
    co_await lock.acquire();
    auto other = create_task(lock.acquire());
    co_await turns(1);
    lock.release();
    co_await other;
  };
  auto first = new_event_loop();
  auto second = new_event_loop();
  first->run_until_complete(wait());
  CHECK(lock.locked());
  std::string how;
  try {
    second->run_until_complete(lock.acquire());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Lock is bound to a different event loop)");
}

TEST_CASE("lock: a loop that closes destroys waiters and lock in any order", "[sync]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task([]() -> Task<> {
    Lock lock;
    auto held = co_await lock.scoped_acquire();
    auto waiter = create_task(lock.acquire());
    auto scope = create_task([&lock]() -> Task<> { auto mine = co_await lock.scoped_acquire(); });
    auto woken = create_task([&lock]() -> Task<> {
      Trace trace;
      co_await takes(lock, "woken", trace);
    });
    co_await endless();
  });
  loop->run_once();
  loop->run_once();
  loop->close();
  CHECK(loop->is_closed());
}

}  // namespace

}  // namespace lock_test

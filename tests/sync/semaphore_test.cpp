#include <asyncio/sync/semaphore.hpp>

#include <tasks/steps.hpp>

namespace semaphore_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(AsyncContextManager<Semaphore> && AsyncContextManager<BoundedSemaphore>);
static_assert(!std::is_move_constructible_v<Semaphore>);

namespace {

Task<> takes(Semaphore& semaphore, std::string name, Trace& trace) {
  try {
    co_await semaphore.acquire();
    trace.push_back(name);
  } catch (const CancelledError&) {
    trace.push_back(name + " cancelled");
    throw;
  }
}

/// How many permits can be taken at once. Gives them back.
Task<int> free_permits(Semaphore& semaphore) {
  int count = 0;
  for (; !semaphore.locked(); ++count) co_await semaphore.acquire();
  for (int i = 0; i < count; ++i) semaphore.release();
  co_return count;
}

std::string refused(std::ptrdiff_t value) {
  try {
    Semaphore semaphore(value);
  } catch (...) {
    return describe(std::current_exception());
  }
  return "accepted";
}

TEST_CASE("semaphore: its value is not negative", "[SEM-01]") {
  CHECK(refused(-1) == "invalid_argument(Semaphore initial value must be >= 0)");
  CHECK(refused(0) == "accepted");
  CHECK_FALSE(Semaphore().locked());
  CHECK(Semaphore(0).locked());
  CHECK_THROWS_AS(BoundedSemaphore(-1), std::invalid_argument);
}

ASYNC_TEST("semaphore: permits are taken at once while there are some", "[SEM-02][SEM-04]") {
  Semaphore semaphore(2);
  const bool taken = co_await semaphore.acquire();
  CHECK(taken);
  CHECK_FALSE(semaphore.locked());
  co_await semaphore.acquire();
  CHECK(semaphore.locked());
  semaphore.release();
  CHECK_FALSE(semaphore.locked());
}

ASYNC_TEST("semaphore: waiters get permits first in, first out", "[SEM-02]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  auto b = create_task(takes(semaphore, "b", trace));
  auto c = create_task(takes(semaphore, "c", trace));
  co_await turns(2);
  CHECK(trace == Trace{});
  semaphore.release();
  semaphore.release();
  co_await turns(1);
  CHECK(trace == Trace{"a", "b"});
  semaphore.release();
  co_await c;
  CHECK(semaphore.locked());
}

ASYNC_VIRTUAL_TEST("semaphore: neither a newcomer nor the releaser overtakes", "[SEM-03][SEM-04]") {
  Semaphore semaphore(1);
  Trace trace;
  co_await semaphore.acquire();
  auto a = create_task(takes(semaphore, "a", trace));
  co_await turns(1);
  semaphore.release();
  CHECK(semaphore.locked());
  auto self = create_task(takes(semaphore, "self", trace));
  co_await turns(3);
  CHECK(trace == Trace{"a"});
  semaphore.release();
  co_await self;
}

ASYNC_VIRTUAL_TEST("semaphore: locked while waiters are about to run, though permits are left",
                   "[SEM-04][SEM-07]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  co_await turns(1);
  semaphore.release();
  semaphore.release();  // nobody is left to be woken
  CHECK(semaphore.locked());
  auto b = create_task(takes(semaphore, "b", trace));
  auto c = create_task(takes(semaphore, "c", trace));
  co_await turns(1);
  CHECK(trace == Trace{"a", "b"});  // b came after a had run
  CHECK_FALSE(c.done());
  semaphore.release();
  co_await c;
}

ASYNC_VIRTUAL_TEST("semaphore: those who wait behind a woken one are woken by it", "[SEM-07]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  co_await turns(1);
  auto release = [&] {
    for (int i = 0; i < 3; ++i) semaphore.release();
  };
  get_running_loop().call_soon(release);
  auto b = create_task(takes(semaphore, "b", trace));
  auto c = create_task(takes(semaphore, "c", trace));
  co_await turns(1);
  CHECK(trace == Trace{});  // b and c had to queue up behind a
  CHECK(semaphore.locked());
  co_await turns(1);
  CHECK(trace == Trace{"a"});
  co_await turns(1);
  CHECK(trace == Trace{"a", "b", "c"});
  const int left = co_await free_permits(semaphore);
  CHECK(left == 0);
}

ASYNC_VIRTUAL_TEST("semaphore: a waiter cancelled in line costs nothing", "[SEM-05]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  auto b = create_task(takes(semaphore, "b", trace));
  co_await turns(1);
  a.cancel();
  semaphore.release();
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled", "b"});
  const int left = co_await free_permits(semaphore);
  CHECK(left == 0);
}

// gh-90155 (bpo-45997): the permit of a waiter cancelled after it was woken was lost.
ASYNC_VIRTUAL_TEST("semaphore: a waiter cancelled after it was woken passes its permit on",
                   "[SEM-06]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  auto b = create_task(takes(semaphore, "b", trace));
  co_await turns(1);
  semaphore.release();
  a.cancel();
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled"});
  co_await turns(1);
  CHECK(trace == Trace{"a cancelled", "b"});
  const int left = co_await free_permits(semaphore);
  CHECK(left == 0);
}

ASYNC_VIRTUAL_TEST("semaphore: a permit nobody wants is there afterwards", "[SEM-06]") {
  Semaphore semaphore(1);
  co_await semaphore.acquire();
  auto a = create_task(semaphore.acquire());
  auto b = create_task(semaphore.acquire());
  co_await turns(1);
  semaphore.release();
  a.cancel();
  b.cancel();
  co_await turns(2);
  const int left = co_await free_permits(semaphore);
  CHECK(left == 1);
}

ASYNC_VIRTUAL_TEST("semaphore: create_task(acquire()) cancelled in the turn of the hand-off",
                   "[SEM-06]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(semaphore.acquire());
  auto b = create_task(takes(semaphore, "b", trace));
  co_await turns(1);
  semaphore.release();
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK(trace == Trace{"b"});
  const int left = co_await free_permits(semaphore);
  CHECK(left == 0);
}

// test_acquire_hang, test_acquire_no_hang: the head is cancelled, others must not wait for ever.
ASYNC_VIRTUAL_TEST("semaphore: cancelling the head does not hang those behind", "[SEM-06]") {
  Semaphore semaphore(0);
  Trace trace;
  auto a = create_task(takes(semaphore, "a", trace));
  auto b = create_task(takes(semaphore, "b", trace));
  co_await turns(1);
  a.cancel();
  semaphore.release();
  co_await b;
  CHECK(semaphore.locked());
  semaphore.release();
  CHECK_FALSE(semaphore.locked());
}

ASYNC_TEST("semaphore: scopes release", "[SYN-05]") {
  Semaphore semaphore(1);
  {
    auto held = co_await semaphore.scoped_acquire();
    CHECK(semaphore.locked());
  }
  CHECK_FALSE(semaphore.locked());
  co_await async_with(semaphore, [&]() -> Task<> {
    CHECK(semaphore.locked());
    co_return;
  });
  CHECK_FALSE(semaphore.locked());
}

ASYNC_TEST("semaphore: no more tasks than permits are inside", "[SEM-02][SYN-05]") {
  Semaphore semaphore(3);
  int inside = 0, most = 0;
  std::vector<TaskHandle<>> tasks;
  for (int i = 0; i < 20; ++i)
    tasks.push_back(create_task([&, i]() -> Task<> {
      auto held = co_await semaphore.scoped_acquire();
      most = std::max(most, ++inside);
      co_await turns(1 + i % 3);
      --inside;
    }));
  co_await gather(tasks);
  CHECK(most == 3);
  CHECK(inside == 0);
  const int left = co_await free_permits(semaphore);
  CHECK(left == 3);
}

ASYNC_TEST("bounded semaphore: one release too many throws and changes nothing", "[SEM-08]") {
  BoundedSemaphore semaphore(1);
  std::string how;
  try {
    semaphore.release();
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "invalid_argument(BoundedSemaphore released too many times)");
  co_await semaphore.acquire();
  CHECK(semaphore.locked());
  semaphore.release();
  CHECK_FALSE(semaphore.locked());
}

TEST_CASE("semaphore: tasks of a second loop cannot wait at it", "[SYN-01]") {
  Semaphore semaphore(0);
  auto give = [&semaphore]() -> Task<> {
    auto other = create_task(semaphore.acquire());
    co_await turns(1);
    semaphore.release();
    co_await other;
  };
  auto first = new_event_loop();
  auto second = new_event_loop();
  first->run_until_complete(give());
  std::string how;
  try {
    second->run_until_complete(semaphore.acquire());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Semaphore is bound to a different event loop)");
}

TEST_CASE("semaphore: a loop that closes destroys waiters and semaphore in any order", "[sync]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task([]() -> Task<> {
    Semaphore semaphore(0);
    auto woken = create_task(semaphore.acquire());
    auto waiter = create_task(semaphore.acquire());
    co_await turns(1);
    semaphore.release();
    co_await endless();
  });
  loop->run_once();
  loop->run_once();
  loop->close();
  CHECK(loop->is_closed());
}

}  // namespace

}  // namespace semaphore_test

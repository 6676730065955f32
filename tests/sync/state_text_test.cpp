#include <asyncio/sync/state_text.hpp>
//
#include <asyncio/sync/barrier.hpp>
#include <asyncio/sync/condition.hpp>
#include <asyncio/sync/event.hpp>
#include <asyncio/sync/queue.hpp>
#include <asyncio/sync/semaphore.hpp>

#include <support/async_test.hpp>
#include <tasks/steps.hpp>

namespace state_text_test {

using namespace asyncio;
using namespace asyncio_test;

TEST_CASE("state text: names the type and the state, and the waiters if there are any",
          "[SYN-07]") {
  CHECK(detail::state_text("Lock", "locked", 0) == "<Lock [locked]>");
  CHECK(detail::state_text("Lock", "locked", 2) == "<Lock [locked, waiters:2]>");
}

ASYNC_VIRTUAL_TEST("to_string: a lock", "[SYN-07]") {
  Lock lock;
  CHECK(to_string(lock) == "<Lock [unlocked]>");
  co_await lock.acquire();
  auto take = [&lock]() -> Task<> { co_await lock.acquire(); };
  auto waiter = create_task(take);
  co_await turns(1);
  CHECK(to_string(lock) == "<Lock [locked, waiters:1]>");
  waiter.cancel();
  co_await turns(1);
  CHECK(to_string(lock) == "<Lock [locked]>");
}

ASYNC_VIRTUAL_TEST("to_string: an event", "[SYN-07]") {
  Event event;
  auto wait = [&event]() -> Task<> { co_await event.wait(); };
  auto waiter = create_task(wait);
  co_await turns(1);
  CHECK(to_string(event) == "<Event [unset, waiters:1]>");
  event.set();
  CHECK(to_string(event) == "<Event [set]>");
  co_await waiter;
}

ASYNC_VIRTUAL_TEST("to_string: a condition", "[SYN-07]") {
  Condition condition;
  CHECK(to_string(condition) == "<Condition [unlocked]>");
  auto wait = [&condition]() -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await condition.wait();
  };
  auto waiter = create_task(wait);
  co_await turns(1);
  CHECK(to_string(condition) == "<Condition [unlocked, waiters:1]>");
  auto held = co_await condition.scoped_acquire();
  CHECK(to_string(condition) == "<Condition [locked, waiters:1]>");
  condition.notify();
  held.release();
  co_await waiter;
}

ASYNC_VIRTUAL_TEST("to_string: a semaphore", "[SYN-07]") {
  Semaphore semaphore(1);
  CHECK(to_string(semaphore) == "<Semaphore [unlocked, value:1]>");
  co_await semaphore.acquire();
  auto take = [&semaphore]() -> Task<> { co_await semaphore.acquire(); };
  auto waiter = create_task(take);
  co_await turns(1);
  CHECK(to_string(semaphore) == "<Semaphore [locked, waiters:1]>");
  semaphore.release();
  co_await waiter;
  CHECK(to_string(BoundedSemaphore(3)) == "<BoundedSemaphore [unlocked, value:3]>");
}

ASYNC_VIRTUAL_TEST("to_string: a barrier", "[SYN-07]") {
  Barrier barrier(2);
  auto wait = [&barrier]() -> Task<> { co_await barrier.wait(); };
  auto waiter = create_task(wait);
  co_await turns(1);
  CHECK(to_string(barrier) == "<Barrier [filling, waiters:1/2]>");
  waiter.cancel();
  co_await turns(2);
  co_await barrier.abort();
  CHECK(to_string(barrier) == "<Barrier [broken]>");
}

ASYNC_VIRTUAL_TEST("to_string: a queue", "[QUE-16]") {
  Queue<int> queue(1);
  CHECK(to_string(queue) == "<Queue maxsize=1 qsize=0>");
  auto get = [&queue]() -> Task<> { co_await queue.get(); };
  auto getter = create_task(get);
  co_await turns(1);
  CHECK(to_string(queue) == "<Queue maxsize=1 qsize=0 getters[1]>");
  queue.put_nowait(1);
  co_await getter;
  queue.put_nowait(2);
  auto put = [&queue]() -> Task<> { co_await queue.put(3); };
  auto putter = create_task(put);
  co_await turns(1);
  CHECK(to_string(queue) == "<Queue maxsize=1 qsize=1 putters[1] tasks=2>");
  queue.shutdown(true);
  CHECK_FALSE(to_string(queue).find("shutdown") == std::string::npos);
  const std::string how = co_await ending(putter);
  CHECK(how == "the queue was shut down");
}

}  // namespace state_text_test

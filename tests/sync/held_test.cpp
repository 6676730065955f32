#include <asyncio/sync/held.hpp>

#include <asyncio/sync/semaphore.hpp>

#include <tasks/steps.hpp>

namespace held_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(!std::is_copy_constructible_v<Held<Semaphore>>);
static_assert(std::is_nothrow_move_constructible_v<Held<Semaphore>>);

namespace {

ASYNC_TEST("held: releases what it held when it is assigned another", "[SYN-05]") {
  Semaphore first(1), second(1);
  auto held = co_await first.scoped_acquire();
  held = co_await second.scoped_acquire();
  CHECK_FALSE(first.locked());
  CHECK(second.locked());
  held = Held<Semaphore>();
  CHECK_FALSE(second.locked());
}

ASYNC_TEST("held: takes over an acquisition made before", "[SYN-05]") {
  Semaphore semaphore(1);
  co_await semaphore.acquire();
  {
    Held<Semaphore> held(semaphore);
    Held<Semaphore> moved(std::move(held));
    CHECK(moved);
  }
  CHECK_FALSE(semaphore.locked());
}

ASYNC_TEST("held: as a task's result it is released with the last handle", "[SYN-05]") {
  Semaphore semaphore(1);
  {
    auto task = create_task(semaphore.scoped_acquire());
    co_await turns(2);
    CHECK(task.done());
    CHECK(semaphore.locked());
  }
  CHECK_FALSE(semaphore.locked());
}

}  // namespace

}  // namespace held_test

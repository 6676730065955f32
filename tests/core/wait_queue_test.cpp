#include <asyncio/core/wait_queue.hpp>
//
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/sleep.hpp>

#include <support/async_test.hpp>

using namespace asyncio;
using namespace std::chrono_literals;
using detail::WaitQueue;
using detail::WakeOutcome;

namespace {

Task<> waiter(WaitQueue& queue, std::string& log, char name,
              WakeOutcome outcome = WakeOutcome::cancellable) {
  try {
    co_await queue.wait(outcome);
    log += name;
  } catch (const CancelledError&) {
    log += std::string{'!', name};
    throw;
  }
}

}  // namespace

ASYNC_TEST("wait queue: wakes first in, first out, one turn later") {
  WaitQueue queue;
  std::string log;
  auto a = create_task(waiter(queue, log, 'a'));
  auto b = create_task(waiter(queue, log, 'b'));
  auto c = create_task(waiter(queue, log, 'c'));
  co_await sleep(0s);
  CHECK(queue.size() == 3);
  CHECK(queue.wake_one());
  CHECK(log.empty());
  co_await sleep(0s);
  CHECK(log == "a");
  queue.wake_all();
  CHECK(queue.empty());
  CHECK_FALSE(queue.wake_one());
  co_await sleep(0s);
  CHECK(log == "abc");
}

ASYNC_TEST("wait queue: a cancelled waiter is out before cancel() returns") {
  WaitQueue queue;
  std::string log;
  auto a = create_task(waiter(queue, log, 'a'));
  auto b = create_task(waiter(queue, log, 'b'));
  co_await sleep(0s);
  a.cancel();
  CHECK(queue.size() == 1);
  CHECK(queue.wake_one());
  co_await sleep(0s);
  CHECK(log == "!ab");
  CHECK(a.cancelled());
}

ASYNC_TEST("wait queue: a cancel after the wake-up raises, unless something was handed over",
           "[CAN-07]") {
  WaitQueue queue;
  std::string log;
  auto a = create_task(waiter(queue, log, 'a', WakeOutcome::cancellable));
  auto b = create_task(waiter(queue, log, 'b', WakeOutcome::delivered));
  co_await sleep(0s);
  queue.wake_all();
  a.cancel();
  b.cancel();
  co_await sleep(0s);
  CHECK(log == "!ab");
  CHECK(a.cancelled());
  CHECK(b.cancelled());  // the request stayed, and the task ended without another suspension
}

ASYNC_TEST("wait queue: a waiter that is destroyed with its task leaves the queue") {
  WaitQueue queue;
  std::string log;
  {
    auto task = create_task(waiter(queue, log, 'a'));
    co_await sleep(0s);
    CHECK(queue.size() == 1);
    task.shared_state()->as_task()->abandon();
    CHECK(queue.empty());
    task.shared_state()->drop_ref();  // the loop's, as close() would
  }
  CHECK(log.empty());
}

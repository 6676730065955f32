#include <asyncio/core/wait_queue.hpp>
//
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/sleep.hpp>

#include <support/async_test.hpp>

namespace wait_queue_test {

using namespace asyncio;
using namespace std::chrono_literals;
using detail::WaitQueue;

namespace {

Task<> waiter(WaitQueue& queue, std::string& log, char name) {
  try {
    co_await queue.wait();
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

ASYNC_TEST("wait queue: a cancel after the wake-up raises", "[CAN-07]") {
  WaitQueue queue;
  std::string log;
  auto a = create_task(waiter(queue, log, 'a'));
  auto b = create_task(waiter(queue, log, 'b'));
  co_await sleep(0s);
  queue.wake_all();
  a.cancel();
  co_await sleep(0s);
  CHECK(log == "!ab");
  CHECK(a.cancelled());
  CHECK_FALSE(b.cancelled());
}

namespace {

/// Hands numbers out in turn: the least that uses TakeNode.
class Numbers {
 public:
  struct First {
    int operator()(Numbers& numbers) const { return numbers.next_++; }
  };
  auto take() { return detail::Take<Numbers, First>(*this); }
  void allow() {
    ++allowed_;
    queue_.wake_into(woken_);
  }
  bool is_unused() const { return queue_.empty() && woken_.empty(); }
  int allowed() const { return allowed_; }
  int given_back = 0;
  int refused_waits = 0;

  // What TakeNode and Take ask for
  static constexpr bool cancelled_waiters_stay = false;
  bool try_take() {
    if (allowed_ == 0) return false;
    --allowed_;
    return true;
  }
  void check_wait() {
    if (refused_waits-- > 0) throw RuntimeError("not here");
  }
  WaitQueue& waiters() { return queue_; }
  void taken() { --allowed_; }
  void give_back(bool woken) {
    given_back += woken ? 1 : 100;
    queue_.wake_into(woken_);
  }

 private:
  WaitQueue queue_;
  WaitQueue woken_;
  int allowed_ = 0;
  int next_ = 1;
};

Task<> taker(Numbers& numbers, std::string& log, char name) {
  const int number = co_await numbers.take();
  log += name + std::to_string(number);
}

}  // namespace

ASYNC_TEST("take: at once if it can, else in turn") {
  Numbers numbers;
  std::string log;
  numbers.allow();
  co_await taker(numbers, log, 'a');
  auto b = create_task(taker(numbers, log, 'b'));
  auto c = create_task(taker(numbers, log, 'c'));
  co_await sleep(0s);
  CHECK(log == "a1");
  numbers.allow();
  numbers.allow();
  co_await c;
  CHECK(log == "a1b2c3");
  CHECK(numbers.given_back == 0);
}

ASYNC_TEST("take: a cancel after the wake-up raises, and what it was woken for goes on",
           "[CAN-07]") {
  Numbers numbers;
  std::string log;
  auto a = create_task(taker(numbers, log, 'a'));
  auto b = create_task(taker(numbers, log, 'b'));
  co_await sleep(0s);
  numbers.allow();
  a.cancel();
  co_await b;
  CHECK(a.cancelled());
  CHECK(log == "b1");
  CHECK(numbers.given_back == 1);
  CHECK(numbers.allowed() == 0);
  CHECK(numbers.is_unused());
}

ASYNC_TEST("take: a cancel before the wake-up leaves at once and gives nothing back") {
  Numbers numbers;
  std::string log;
  auto a = create_task(taker(numbers, log, 'a'));
  co_await sleep(0s);
  a.cancel();
  CHECK(numbers.is_unused());
  co_await sleep(0s);
  CHECK(a.cancelled());
  CHECK(numbers.given_back == 0);
}

ASYNC_TEST("take: where waiting is refused, nothing is left in the queue") {
  Numbers numbers;
  std::string log;
  numbers.refused_waits = 1;
  auto a = create_task(taker(numbers, log, 'a'));
  co_await sleep(0s);
  CHECK(a.done());
  CHECK_THROWS_AS(a.result(), RuntimeError);
  CHECK(numbers.is_unused());
}

ASYNC_TEST("take: a source that ended meanwhile is not touched") {
  std::string log;
  std::optional<Numbers> numbers(std::in_place);
  auto woken = create_task(taker(*numbers, log, 'a'));
  auto cancelled = create_task(taker(*numbers, log, 'b'));
  co_await sleep(0s);
  numbers->allow();
  cancelled.cancel();
  numbers.reset();
  co_await sleep(0s);
  CHECK(cancelled.cancelled());
  CHECK_THROWS_AS(woken.result(), RuntimeError);
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

}  // namespace wait_queue_test

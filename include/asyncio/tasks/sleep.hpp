// sleep(): a pause of the task, on the loop's clock.
// Reference: https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
#pragma once

#include <asyncio/core/duration.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/core/wait.hpp>
#include <asyncio/detail/assert.hpp>

namespace asyncio {
namespace detail {

/// Python's sleep is a future and a timer: the timer runs in one turn, the task in the next.
class TimerWait final : public Wait, private Timer {
 public:
  explicit TimerWait(EventLoop& loop) noexcept : Timer(&fire), loop_(loop) {}

  // Out of line, so that a yield is not: yield2 of benchmarks/micro.
  __attribute__((noinline)) void suspend(PromiseBase& frame, Scheduler::duration delay) noexcept {
    begin(frame);
    loop_.start_timer(*this, delay);
  }
  void await_resume() { resume(); }

 private:
  static void fire(ReadyNode& node, Turn turn) noexcept {
    if (turn == Turn::run) static_cast<TimerWait&>(node).wake_up();
  }
  void leave() noexcept override {
    loop_.stop_timer(*this);
    leave_queue();
  }

  EventLoop& loop_;
};

/// A timer, or for a delay of zero or less just another turn.
class SleepWait {
 public:
  explicit SleepWait(Scheduler::duration delay) noexcept : delay_(delay) {}
  /// Before it is awaited: so that it may be passed to gather(), wait_for() and their like.
  SleepWait(SleepWait&& other) noexcept : delay_(other.delay_) {
    ASYNCIO_ASSERT(!other.timer_ && !other.task_, "a sleep was moved while it is awaited");
  }

  bool await_ready() {
    if (is_yield()) return false;
    EventLoop& loop = get_running_loop();
    loop.reserve_timer();
    timer_.emplace(loop);
    return false;
  }
  void suspend(PromiseBase& frame) noexcept {
    if (timer_) return timer_->suspend(frame, delay_);
    task_ = frame.task_;
    task_->yield(frame);
  }
  void await_resume() {
    if (timer_) return timer_->await_resume();
    task_->deliver_cancel();
  }

 private:
  [[nodiscard]] bool is_yield() const noexcept { return delay_ <= Scheduler::duration::zero(); }

  TaskBase* task_ = nullptr;  // of a sleep(0)
  Scheduler::duration delay_;
  std::optional<TimerWait> timer_;  // of a longer one
};

template <class T>
class SleepResult {
 public:
  SleepResult(Scheduler::duration delay, T result) : wait_(delay), result_(std::move(result)) {}
  bool await_ready() { return wait_.await_ready(); }
  void suspend(PromiseBase& frame) noexcept { wait_.suspend(frame); }
  T await_resume() {
    wait_.await_resume();
    return std::move(result_);
  }

 private:
  SleepWait wait_;
  T result_;
};

}  // namespace detail

/// Suspends the task for at least `delay`; zero or less: for exactly one turn of the loop.
/// Cancellation: stops the timer at once. Cost: a timer in the frame, no allocation.
[[nodiscard("co_await the sleep")]] inline detail::SleepWait sleep(LoopDuration delay) {
  return detail::SleepWait(delay);
}
/// The same, and then gives `result`.
template <class T>
[[nodiscard("co_await the sleep")]] detail::SleepResult<std::decay_t<T>> sleep(LoopDuration delay,
                                                                               T&& result) {
  return {delay, std::forward<T>(result)};
}
/// Catches a number without a unit.
template <class Number>
  requires std::is_arithmetic_v<Number>
detail::SleepWait sleep(Number) {
  static_assert(sizeof(Number) == 0,
                "asyncio: sleep() needs a duration with a unit: write sleep(5s) or "
                "sleep(std::chrono::seconds(5))");
  return detail::SleepWait({});
}

}  // namespace asyncio

// sleep(): a pause of the task, on the loop's clock.
// Reference: https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/wait.hpp>

namespace asyncio {
namespace detail {

/// Python's sleep is a future and a timer: the timer runs in one turn, the task in the next.
class SleepWait final : public Wait, private Timer {
 public:
  explicit SleepWait(Scheduler::duration delay) noexcept : Timer(&fire), delay_(delay) {}

  bool await_ready() {
    loop_ = &get_running_loop();
    if (!is_yield()) loop_->reserve_timer();
    return false;
  }
  void suspend(PromiseBase& frame) noexcept {
    if (is_yield()) {
      task_of_yield_ = frame.task_;
      frame.task_->suspend(frame, nullptr);
      return frame.task_->wake();
    }
    begin(frame);
    loop_->start_timer(*this, loop_->deadline_after(delay_));
  }
  void await_resume() {
    if (task_of_yield_)
      task_of_yield_->deliver_cancel();
    else
      resume();
  }

 private:
  [[nodiscard]] bool is_yield() const noexcept { return delay_ <= Scheduler::duration::zero(); }

  static void fire(ReadyNode& node, Turn turn) noexcept {
    if (turn == Turn::run) static_cast<SleepWait&>(node).wake_up();
  }
  void leave() noexcept override { loop_->stop_timer(*this); }

  EventLoop* loop_ = nullptr;
  TaskBase* task_of_yield_ = nullptr;  // sleep(0): no timer, just another turn
  Scheduler::duration delay_;
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

/// A duration as the loop counts, saturating.
template <class Rep, class Period>
[[nodiscard]] constexpr Scheduler::duration to_loop_duration(
    std::chrono::duration<Rep, Period> value) {
  using Wide = std::chrono::duration<long double, Scheduler::duration::period>;
  const Wide wide = value;
  if (wide >= Wide(Scheduler::duration::max())) return Scheduler::duration::max();
  if (wide <= Wide(Scheduler::duration::min())) return Scheduler::duration::min();
  return std::chrono::ceil<Scheduler::duration>(value);
}

template <class D>
concept Duration = requires(const D& d) {
  []<class Rep, class Period>(const std::chrono::duration<Rep, Period>&) {}(d);
};

}  // namespace detail

/// Suspends the task for at least `delay`; zero or less: for exactly one turn of the loop.
/// Cancellation: stops the timer at once. Cost: a timer in the frame, no allocation.
template <detail::Duration D>
[[nodiscard("co_await the sleep")]] detail::SleepWait sleep(D delay) {
  return detail::SleepWait(detail::to_loop_duration(delay));
}
/// The same, and then gives `result`.
template <detail::Duration D, class T>
[[nodiscard("co_await the sleep")]] detail::SleepResult<std::decay_t<T>> sleep(D delay,
                                                                              T&& result) {
  return {detail::to_loop_duration(delay), std::forward<T>(result)};
}
/// Catches a number without a unit.
template <class Number>
  requires std::is_arithmetic_v<Number>
void sleep(Number) {
  static_assert(sizeof(Number) == 0,
                "asyncio: sleep() needs a duration with a unit: write sleep(5s) or "
                "sleep(std::chrono::seconds(5))");
}

}  // namespace asyncio

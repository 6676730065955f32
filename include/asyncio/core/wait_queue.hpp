// The queue in which tasks wait for each other: fair, cancellable, without allocation.
// Reference: trio/_core/_parking_lot.py.
#pragma once

#include <asyncio/core/wait.hpp>
#include <asyncio/detail/list.hpp>

namespace asyncio::detail {

/// What a cancellation does to a task that has been woken but has not run yet.
enum class WakeOutcome : bool {
  cancellable,  ///< Python's rule: CancelledError, the wake-up is lost to this task
  delivered     ///< the wake-up handed something over: it wins, the cancel waits
};

/// First in, first out. A cancelled waiter is out of the queue before cancel() returns.
class WaitQueue {
 public:
  class Waiter;

  WaitQueue() noexcept = default;

  [[nodiscard]] bool empty() const noexcept { return waiters_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiters_.size(); }

  /// `co_await queue.wait()`: suspends until woken. Throws: CancelledError.
  [[nodiscard("co_await the wait")]] Waiter wait(
      WakeOutcome outcome = WakeOutcome::cancellable) noexcept;

  /// Wakes the first waiter. Returns: false if there is none.
  bool wake_one() noexcept;
  void wake_all() noexcept {
    while (wake_one()) {
    }
  }

 private:
  List<Waiter> waiters_;
};

class WaitQueue::Waiter final : public Wait, public ListHook {
 public:
  Waiter(WaitQueue& queue, WakeOutcome outcome) noexcept : queue_(queue), outcome_(outcome) {}

  bool await_ready() const noexcept { return false; }
  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    queue_.waiters_.push_back(*this);
  }
  void await_resume() {
    if (outcome_ == WakeOutcome::delivered)
      throw_if_cancelled();
    else
      resume();
  }

 private:
  friend class WaitQueue;
  void leave() noexcept override { unlink(); }

  WaitQueue& queue_;
  WakeOutcome outcome_;
};

inline WaitQueue::Waiter WaitQueue::wait(WakeOutcome outcome) noexcept {
  return Waiter(*this, outcome);
}
inline bool WaitQueue::wake_one() noexcept {
  Waiter* const waiter = waiters_.pop_front();
  if (waiter) waiter->wake_up();
  return waiter != nullptr;
}

}  // namespace asyncio::detail

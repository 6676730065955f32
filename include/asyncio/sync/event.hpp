// Event: tasks wait until somebody sets it.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#event; asyncio/locks.py, Event.
#pragma once

#include <asyncio/core/wait_queue.hpp>
#include <asyncio/sync/loop_bound.hpp>

namespace asyncio {

/// A flag that tasks can wait for. Not set at first.
/// Lifetime: must outlive the tasks that wait, up to set().
class Event {
 public:
  Event() noexcept = default;
  Event(const Event&) = delete;  // waiters point at it
  Event& operator=(const Event&) = delete;
  ~Event() { waiters_.check_unused("an Event was destroyed while a task waits for it"); }

  class Wait;
  /// Waits until the event is set; returns at once if it is. Returns: true, even if the event is
  /// cleared again before the task runs.
  /// Throws: RuntimeError if it must wait and tasks of another loop did before.
  [[nodiscard("co_await the wait")]] Wait wait() noexcept;

  /// Wakes all that wait, and lets pass who comes later.
  void set() noexcept {
    is_set_ = true;
    waiters_.wake_all();
  }
  /// Who comes from now on waits for the next set().
  void clear() noexcept { is_set_ = false; }
  /// Waiting would return at once.
  [[nodiscard]] bool is_set() const noexcept { return is_set_; }

 private:
  class Waiting;
  bool is_set_ = false;
  detail::WaitQueue waiters_;
  detail::LoopBound loop_;
};

/// co_await of the wait itself.
class Event::Waiting {
 public:
  explicit Waiting(Event& event) noexcept : event_(event) {}

  bool await_ready() {
    if (event_.is_set_) return true;
    event_.loop_.bind("Event");
    return false;
  }
  void suspend(detail::PromiseBase& frame) noexcept { node_.make(event_.waiters_).suspend(frame); }
  bool await_resume() {
    if (node_) node_->await_resume();
    return true;
  }

 private:
  Event& event_;
  detail::LateNode<detail::WaitQueue::Waiter> node_;
};

/// What wait() returns: waits when it is awaited, and may be scheduled.
class [[nodiscard("co_await the wait")]] Event::Wait {
 public:
  explicit Wait(Event& event) noexcept : event_(&event) {}
  Waiting operator co_await() const noexcept { return Waiting(*event_); }

 private:
  Event* event_;
};

inline Event::Wait Event::wait() noexcept { return Wait(*this); }

}  // namespace asyncio

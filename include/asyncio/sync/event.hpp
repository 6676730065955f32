// Event: tasks wait until somebody sets it.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#event; asyncio/locks.py, Event.
#pragma once

#include <asyncio/core/wait_queue.hpp>
#include <asyncio/sync/loop_bound.hpp>
#include <asyncio/sync/state_text.hpp>

namespace asyncio {
namespace detail {
template <class Result>
class EventWait;
}

/// A flag that tasks can wait for. Not set at first.
/// Lifetime: must outlive the tasks that wait, up to set().
class Event {
 public:
  Event() noexcept = default;
  Event(const Event&) = delete;  // waiters point at it
  Event& operator=(const Event&) = delete;
  ~Event() { waiters_.check_unused("an Event was destroyed while a task waits for it"); }

  /// Waits until the event is set; returns at once if it is. Returns: true, even if the event is
  /// cleared again before the task runs.
  /// Throws: RuntimeError if it must wait and tasks of another loop did before.
  [[nodiscard("co_await the wait")]] auto wait() noexcept {
    return detail::Waiting<Event, detail::EventWait<detail::GivesTrue>>(*this);
  }

  /// Wakes all that wait, and lets pass who comes later.
  /// Throws: RuntimeError in debug mode, on another thread than the waiting tasks'.
  void set() {
    loop_.check_thread();
    is_set_ = true;
    waiters_.wake_all();
  }
  /// Who comes from now on waits for the next set().
  void clear() noexcept { is_set_ = false; }
  /// Waiting would return at once.
  [[nodiscard]] bool is_set() const noexcept { return is_set_; }
  /// "<Event [unset, waiters:2]>"
  friend std::string to_string(const Event& event) {
    return detail::state_text("Event", event.is_set_ ? "set" : "unset", event.waiters_.size());
  }

 private:
  template <class Result>
  friend class detail::EventWait;

  bool is_set_ = false;
  detail::WaitQueue waiters_;
  detail::LoopBound loop_;
};

namespace detail {

/// co_await of an event.
template <class Result>
class EventWait {
 public:
  explicit EventWait(Event& event) noexcept : event_(event) {}

  bool await_ready() {
    if (event_.is_set_) return true;
    event_.loop_.bind("Event");
    return false;
  }
  void suspend(PromiseBase& frame) noexcept { node_.make(event_.waiters_).suspend(frame); }
  auto await_resume() {
    if (node_) node_->await_resume();
    return Result()(event_);
  }

 private:
  Event& event_;  // perhaps gone when the task resumes
  LateNode<WaitQueue::Waiter> node_;
};

}  // namespace detail
}  // namespace asyncio

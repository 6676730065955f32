// Lock: one task at a time, first come, first served.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#lock; asyncio/locks.py, Lock.
#pragma once

#include <asyncio/sync/held.hpp>
#include <asyncio/sync/loop_bound.hpp>
#include <asyncio/sync/state_text.hpp>

namespace asyncio {

/// A mutual exclusion lock for tasks, fair: while somebody waits, newcomers queue up behind, even
/// in the turn in which the lock changes hands. Any task may release it, and a task that acquires
/// it twice waits for itself.
/// Cancellation: a task cancelled when it was about to get the lock passes it on.
/// Lifetime: must outlive the tasks that wait for it.
class Lock {
 public:
  Lock() noexcept = default;
  Lock(const Lock&) = delete;  // waiters point at it
  Lock& operator=(const Lock&) = delete;
  ~Lock() { waiters_.check_unused("a Lock was destroyed while a task waits for it"); }

  /// Waits until the lock is free and takes it. Returns: true.
  /// Throws: RuntimeError if it must wait and tasks of another loop did before.
  [[nodiscard("co_await the acquisition")]] auto acquire() noexcept {
    return detail::Acquisition<Lock, detail::GivesTrue>(*this);
  }
  /// The same, released at the end of a scope: `auto held = co_await lock.scoped_acquire();`.
  /// Returns: a Held<Lock>.
  [[nodiscard("co_await the acquisition")]] auto scoped_acquire() noexcept {
    return detail::Acquisition<Lock, detail::GivesHeld>(*this);
  }

  /// Frees the lock for the first that waits, who gets it in the next turn.
  /// Throws: RuntimeError if nobody holds it, and in debug mode on another thread than the tasks'.
  void release() {
    loop_.check_thread();
    if (!locked_) [[unlikely]]
      throw_not_acquired();
    locked_ = false;
    waiters_.wake_in_place();
  }

  /// Somebody holds it.
  [[nodiscard]] bool locked() const noexcept { return locked_; }
  /// "<Lock [locked, waiters:2]>"
  friend std::string to_string(const Lock& lock) {
    return detail::state_text("Lock", lock.locked_ ? "locked" : "unlocked", lock.waiters_.size());
  }

  /// For async_with(): acquires.
  [[nodiscard]] auto aenter() noexcept {
    return detail::Acquisition<Lock, detail::GivesNothing>(*this);
  }
  /// For async_with(): releases.
  void aexit(const std::exception_ptr&) { release(); }

 private:
  friend class detail::TakeNode<Lock>;
  friend class Held<Lock>;
  template <class Source, class Result>
  friend class detail::Take;

  // As in Python, a waiter keeps its place until it runs. The first one, once woken, so that nobody
  // overtakes it; one that was cancelled, since it passes on a release that found it in front.
  static constexpr bool cancelled_waiters_stay = true;

  [[noreturn]] __attribute__((noinline)) static void throw_not_acquired() {
    throw RuntimeError("Lock is not acquired.");
  }
  bool try_take() noexcept {
    if (locked_ || waiters_.has_live()) return false;
    return locked_ = true;
  }
  void check_wait() { loop_.bind("Lock"); }
  detail::WaitQueue& waiters() noexcept { return waiters_; }
  void taken() noexcept { locked_ = true; }
  void give_back(bool) noexcept {
    if (!locked_) waiters_.wake_in_place();
  }

  bool locked_ = false;
  detail::WaitQueue waiters_;
  detail::List<detail::ListHook> holders_;  // the Held objects
  detail::LoopBound loop_;
};

}  // namespace asyncio

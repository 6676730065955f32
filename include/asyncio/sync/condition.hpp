// Condition: tasks wait, with a lock released, until another one says that something changed.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#condition; asyncio/locks.py.
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/sync/lock.hpp>
#include <asyncio/sync/state_text.hpp>
#include <memory>

namespace asyncio {

/// A condition variable. Its lock is its own, or one that is shared with other conditions.
/// A wait may return though nothing was notified: look at what you wait for in a loop, or use
/// wait_for().
/// Lifetime: it and its lock must outlive the tasks inside wait().
class Condition {
  /// What a predicate gives.
  template <class P>
  using verdict_t = std::decay_t<std::invoke_result_t<P&>>;

 public:
  /// With a lock of its own.
  Condition() : owned_(std::in_place), lock_(&*owned_) {}
  /// With a lock that outlives it.
  explicit Condition(Lock& lock) noexcept : lock_(&lock) {}
  /// With a lock that it shares; null: with one of its own.
  explicit Condition(std::shared_ptr<Lock> lock)
      : shared_(lock ? std::move(lock) : std::make_shared<Lock>()), lock_(shared_.get()) {}
  Condition(const Condition&) = delete;  // waiters point at it
  Condition& operator=(const Condition&) = delete;
  ~Condition() {
    ASYNCIO_ASSERT(inside_.empty() || !detail::is_debugging(),
                   "a Condition was destroyed while a task waits for it");
  }

  /// Acquires the lock. Returns: true.
  [[nodiscard("co_await the acquisition")]] auto acquire() noexcept { return lock_->acquire(); }
  /// Acquires the lock up to the end of a scope: `auto held = co_await condition.scoped_acquire();`.
  [[nodiscard("co_await the acquisition")]] auto scoped_acquire() noexcept {
    return lock_->scoped_acquire();
  }
  /// Releases the lock. Throws: RuntimeError if nobody holds it.
  void release() { lock_->release(); }
  /// Somebody holds the lock.
  [[nodiscard]] bool locked() const noexcept { return lock_->locked(); }

  /// Releases the lock, waits for a notification, and acquires the lock again. Returns: true.
  /// Throws: RuntimeError if nobody holds the lock.
  /// Cancellation: raised when the lock is acquired again; a notification it had is passed on.
  template <class OnDemand = void>
  Task<bool> wait() {
    if (!locked()) throw RuntimeError("cannot wait on un-acquired lock");
    loop_.bind("Condition");
    Inside inside(*this);
    release();
    std::exception_ptr error = nullptr;
    try {
      co_await waiters_.wait();
    } catch (...) {
      error = std::current_exception();
    }
    // Python: the lock is acquired even if the task is cancelled meanwhile, again and again; the
    // last CancelledError is the one that is raised.
    for (bool acquired = false; !acquired;) {
      if (!inside.is_linked()) throw_orphaned(error);
      try {
        acquired = co_await lock_->acquire();
      } catch (const CancelledError&) {
        error = std::current_exception();
      } catch (...) {
        if (inside.is_linked()) wake(1);
        throw;
      }
    }
    if (!error) co_return true;
    wake(1);  // perhaps this task was notified; the other one may then wake for nothing
    std::rethrow_exception(error);
  }

  /// Waits until `predicate()` is true, or what counts as true, and gives it. Asks it first, then
  /// after each notification, always with the lock held.
  /// Throws: RuntimeError if it must wait and nobody holds the lock.
  template <std::invocable P>
  [[nodiscard("co_await the wait")]] Task<verdict_t<std::decay_t<P>>> wait_for(P&& predicate) {
    detail::check_callable_temporary<P>();
    return wait_until<std::decay_t<P>>(std::forward<P>(predicate));
  }

  /// Wakes the first `n` that wait; they return when the lock is released.
  /// Throws: RuntimeError if nobody holds the lock, and in debug mode on another thread than the
  /// waiting tasks'.
  void notify(std::size_t n = 1) {
    loop_.check_thread();
    if (!locked()) throw RuntimeError("cannot notify on un-acquired lock");
    wake(n);
  }
  /// Wakes all that wait. Throws: RuntimeError if nobody holds the lock.
  void notify_all() { notify(static_cast<std::size_t>(-1)); }

  /// "<Condition [locked, waiters:2]>"
  friend std::string to_string(const Condition& condition) {
    return detail::state_text("Condition", condition.locked() ? "locked" : "unlocked",
                              condition.waiters_.size());
  }

  /// For async_with(): acquires the lock.
  [[nodiscard]] auto aenter() noexcept { return lock_->aenter(); }
  /// For async_with(): releases the lock.
  void aexit(const std::exception_ptr&) { release(); }

 private:
  /// A task inside wait(): woken ones stand in no queue and still need the condition.
  struct Inside : detail::ListHook {
    explicit Inside(Condition& condition) noexcept { condition.inside_.push_back(*this); }
  };

  template <class P>
  Task<verdict_t<P>> wait_until(P predicate) {
    auto result = predicate();
    while (!result) {
      co_await wait();
      result = predicate();
    }
    co_return result;
  }

  [[noreturn]] static void throw_orphaned(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
    throw RuntimeError("what a task waited for was destroyed");
  }

  void wake(std::size_t n) noexcept {
    while (n > 0 && waiters_.wake_one()) --n;
  }

  std::optional<Lock> owned_;
  std::shared_ptr<Lock> shared_;
  Lock* lock_;  // never null
  detail::WaitQueue waiters_;
  detail::List<Inside> inside_;
  detail::LoopBound loop_;
};

}  // namespace asyncio

// Semaphore and BoundedSemaphore: a number of permits, first come, first served.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#semaphore; asyncio/locks.py.
#pragma once

#include <asyncio/sync/held.hpp>
#include <asyncio/sync/loop_bound.hpp>
#include <asyncio/sync/state_text.hpp>
#include <limits>
#include <stdexcept>

namespace asyncio {

/// A number of permits that tasks take and give back. Fair: a permit that is released goes to the
/// first that waits, and nobody overtakes it.
/// Cancellation: a task cancelled when it was about to get a permit passes it on.
/// Lifetime: must outlive the tasks that wait for it.
class Semaphore {
 public:
  /// With `value` permits. Throws: std::invalid_argument if it is negative.
  explicit Semaphore(std::ptrdiff_t value = 1)
      : Semaphore(value, std::numeric_limits<std::ptrdiff_t>::max()) {}
  Semaphore(const Semaphore&) = delete;  // waiters point at it
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore() {
    constexpr const char* sentence = "a Semaphore was destroyed while a task waits for it";
    waiting_.check_unused(sentence);
    woken_.check_unused(sentence);
  }

  /// Waits for a permit and takes it. Returns: true.
  /// Throws: RuntimeError if it must wait and tasks of another loop did before.
  [[nodiscard("co_await the acquisition")]] auto acquire() noexcept {
    return detail::Acquisition<Semaphore, detail::GivesTrue>(*this);
  }
  /// The same, released at the end of a scope: `auto held = co_await semaphore.scoped_acquire();`.
  /// Returns: a Held<Semaphore>.
  [[nodiscard("co_await the acquisition")]] auto scoped_acquire() noexcept {
    return detail::Acquisition<Semaphore, detail::GivesHeld>(*this);
  }

  /// Gives a permit back, straight to the first that waits.
  /// Throws: of a BoundedSemaphore, std::invalid_argument if there are as many as at first;
  /// RuntimeError in debug mode, on another thread than the waiting tasks'.
  void release() {
    loop_.check_thread();
    if (value_ >= bound_) [[unlikely]]
      throw_too_many();
    ++value_;
    wake_next();
  }

  /// An acquisition would wait: no permit is left, or others are first.
  [[nodiscard]] bool locked() const noexcept {
    return value_ == 0 || !waiting_.empty() || !woken_.empty();
  }

  /// "<Semaphore [unlocked, value:2]>", "<Semaphore [locked, waiters:1]>"
  friend std::string to_string(const Semaphore& semaphore) {
    std::string state =
        semaphore.locked() ? "locked" : "unlocked, value:" + std::to_string(semaphore.value_);
    return detail::state_text(semaphore.is_bounded() ? "BoundedSemaphore" : "Semaphore",
                              std::move(state),
                              semaphore.waiting_.size() + semaphore.woken_.size());
  }

  /// For async_with(): acquires.
  [[nodiscard]] auto aenter() noexcept {
    return detail::Acquisition<Semaphore, detail::GivesNothing>(*this);
  }
  /// For async_with(): releases.
  void aexit(const std::exception_ptr&) { release(); }

 protected:
  Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : value_(value), bound_(bound) {
    if (value < 0) throw std::invalid_argument("Semaphore initial value must be >= 0");
  }

 private:
  friend class detail::TakeNode<Semaphore>;
  friend class Held<Semaphore>;
  template <class Source, class Result>
  friend class detail::Take;

  static constexpr bool cancelled_waiters_stay = false;

  [[nodiscard]] bool is_bounded() const noexcept {
    return bound_ != std::numeric_limits<std::ptrdiff_t>::max();
  }
  bool try_take() noexcept {
    if (locked()) return false;
    --value_;
    return true;
  }
  void check_wait() { loop_.bind("Semaphore"); }
  detail::WaitQueue& waiters() noexcept { return waiting_; }
  void taken() noexcept { wake_allowed(); }
  void give_back(bool) noexcept {
    ++value_;
    wake_allowed();
  }

  /// Hands a permit to the first that waits.
  bool wake_next() noexcept {
    if (!waiting_.wake_into(woken_)) return false;
    --value_;
    return true;
  }
  /// Python: those who came while others were about to run had to wait, though permits were left.
  void wake_allowed() noexcept {
    while (value_ > 0 && wake_next()) {
    }
  }
  [[noreturn]] __attribute__((noinline)) static void throw_too_many() {
    throw std::invalid_argument("BoundedSemaphore released too many times");
  }

  std::ptrdiff_t value_;  // without those that woken tasks were given
  std::ptrdiff_t bound_;
  detail::WaitQueue waiting_;
  detail::WaitQueue woken_;                 // were given a permit, and have not run yet
  detail::List<detail::ListHook> holders_;  // the Held objects
  detail::LoopBound loop_;
};

/// A Semaphore that cannot be released more often than acquired.
class BoundedSemaphore : public Semaphore {
 public:
  /// With `value` permits, and never more. Throws: std::invalid_argument if it is negative.
  explicit BoundedSemaphore(std::ptrdiff_t value = 1) : Semaphore(value, value) {}
};

}  // namespace asyncio

// What wakes a backend from other threads and signal handlers: an eventfd, written once a burst.
// Reference: loop.call_soon_threadsafe().
#pragma once

#include <asyncio/os/eventfd.hpp>
#include <atomic>

namespace asyncio::detail {

/// Makes its descriptor readable once, until the loop's thread has seen it.
/// Invariant: `signalled_` is false only while the eventfd is empty. So the loop empties the
/// eventfd first and clears the flag second; the other way round a wake() between the two would
/// be drained with the flag left set, and no later wake() would write again.
class Waker {
 public:
  [[nodiscard]] int fd() const noexcept { return event_.fd(); }

  /// Threads: any; safe in a signal handler. What the caller wrote before is seen by the loop's
  /// thread after it called cleared(), also when another wake() did the write.
  void wake() noexcept {
    if (!signalled_.exchange(true, std::memory_order_acq_rel)) event_.signal();
  }

  /// For the loop's thread, before it looks for what the wakers left: the eventfd was read.
  void cleared() noexcept {
    // exchange, not store: it reads the last wake() and so synchronizes with all of them.
    signalled_.exchange(false, std::memory_order_acq_rel);
  }

  void drain() noexcept {
    event_.drain();
    cleared();
  }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "wake() runs in signal handlers");

  os::EventFd event_;
  std::atomic<bool> signalled_ = false;  ///< the eventfd was written, or is about to be
};

}  // namespace asyncio::detail

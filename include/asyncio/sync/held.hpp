// A lock or permit that goes back at the end of a scope.
// Reference: Python's `async with lock`; std::unique_lock.
#pragma once

#include <asyncio/core/running_loop.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <utility>

namespace asyncio {

/// Owns one acquisition of a Lock or Semaphore, made by `co_await lock.scoped_acquire()`, and
/// releases it in its destructor. Moves only; an empty one releases nothing.
/// Lifetime: the lock must outlive it.
template <class L>
class [[nodiscard("asyncio: the lock is released at once unless the guard has a name: write "
                  "auto held = co_await lock.scoped_acquire();")]] Held {
 public:
  Held() noexcept = default;
  /// Takes over an acquisition that somebody made.
  explicit Held(L& acquired) noexcept : lock_(&acquired) {}
  Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
  Held& operator=(Held&& other) noexcept {
    Held old(std::move(*this));
    lock_ = std::exchange(other.lock_, nullptr);
    return *this;
  }
  ~Held() {
    // Where no loop runs, a loop is being closed, which destroys its tasks and what they share in
    // any order, and nobody waits any more.
    if (lock_ && detail::thread_state.running_loop) release_or_report();
  }

  /// Holds something.
  explicit operator bool() const noexcept { return lock_ != nullptr; }

  /// Releases it ahead of time; nothing the second time. Throws: what the lock's release() throws.
  void release() {
    if (L* const lock = std::exchange(lock_, nullptr)) lock->release();
  }

 private:
  void release_or_report() noexcept {
    try {
      release();
    } catch (...) {
      report(std::current_exception());
    }
  }
  __attribute__((noinline)) static void report(std::exception_ptr error) noexcept {
    detail::thread_state.running_loop->call_exception_handler(
        {.message = "a scoped lock was released by somebody else",
         .exception = std::move(error), .task = {}, .future = {}, .handle = {}, .where = {}});
  }

  L* lock_ = nullptr;
};

namespace detail {

struct GivesHeld {
  template <class Source>
  Held<Source> operator()(Source& source) const noexcept {
    return Held<Source>(source);
  }
};

template <class Source, class Result>
using Acquisition = Waiting<Source, Take<Source, Result>>;

}  // namespace detail
}  // namespace asyncio

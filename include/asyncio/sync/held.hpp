// A lock or permit that goes back at the end of a scope.
// Reference: Python's `async with lock`; std::unique_lock.
#pragma once

#include <asyncio/core/running_loop.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <utility>

namespace asyncio {

/// Owns one acquisition of a Lock or Semaphore, made by `co_await lock.scoped_acquire()`, and
/// releases it in its destructor. Moves only; an empty one releases nothing, and so does one whose
/// lock has ended.
template <class L>
class [[nodiscard(
    "asyncio: the lock is released at once unless the guard has a name: write "
    "auto held = co_await lock.scoped_acquire();")]] Held : private detail::ListHook {
 public:
  Held() noexcept = default;
  /// Takes over an acquisition that somebody made.
  explicit Held(L& acquired) noexcept : lock_(&acquired) { link(); }
  Held(Held&& other) noexcept { take_from(other); }
  Held& operator=(Held&& other) noexcept {
    Held old(std::move(*this));
    take_from(other);
    return *this;
  }
  ~Held() {
    // Where no loop runs, a loop is being closed, which destroys its tasks in any order, also
    // those inside Condition::wait(), and nobody waits any more.
    if (is_linked() && detail::thread_state.running_loop) release_or_report();
  }

  /// Holds something.
  explicit operator bool() const noexcept { return is_linked(); }

  /// Releases it ahead of time; nothing the second time. Throws: what the lock's release() throws.
  void release() {
    if (!is_linked()) return;
    unlink();
    lock_->release();
  }

 private:
  void link() noexcept { lock_->holders_.push_back(*this); }
  void take_from(Held& other) noexcept {
    lock_ = other.lock_;
    if (!other.is_linked()) return;
    other.unlink();
    link();
  }
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
         .exception = std::move(error),
         .task = {},
         .future = {},
         .handle = {},
         .where = {}});
  }

  L* lock_ = nullptr;  // alive while this is linked
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

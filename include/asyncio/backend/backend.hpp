// The contract between the event loop and the kernel: operations go in, completions come out.
// io_uring, epoll and the scripted kernel of asyncio/testing implement it.
#pragma once

#include <asyncio/backend/operation.hpp>
#include <chrono>
#include <optional>
#include <string_view>

namespace asyncio::detail {

/// Turns operations into completions. One loop owns one backend and uses it from one thread;
/// only wake() may be called from elsewhere.
class Backend {
 public:
  using Duration = std::chrono::nanoseconds;
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Waits without end when passed to poll().
  static constexpr Duration forever = Duration::max();

  Backend() = default;
  Backend(const Backend&) = delete;  // operations in flight point at it
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  /// "io_uring", "epoll" or "scripted".
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The only clock of the loop: CLOCK_MONOTONIC, or a virtual one in tests.
  [[nodiscard]] virtual TimePoint now() noexcept = 0;

  /// now(), or somewhat earlier where that is cheaper: to tell roughly how much time has passed.
  [[nodiscard]] virtual TimePoint coarse_now() noexcept { return now(); }

  /// poll() may wait so much longer than it must, so that more timers are due when it returns.
  /// Zero where time jumps to where it is wanted.
  [[nodiscard]] virtual Duration longest_slack() const noexcept { return Duration::zero(); }

  /// Does `operation` if it can be done without waiting: true when its `result` is valid, its
  /// state then `done`. It is not in flight afterwards and on_complete is not called.
  virtual bool attempt(Operation& operation) noexcept = 0;

  /// Takes `operation` in flight. Never completes inline: on_complete comes from a later poll(),
  /// also for an error.
  virtual void submit(Operation& operation) noexcept = 0;

  /// Asks to stop `operation`, which is in flight. Its completion still comes, exactly once, with
  /// -ECANCELED or with the effect it had. A second cancel of the same operation does nothing.
  virtual void cancel(Operation& operation) noexcept = 0;

  /// Stops `operation` and returns when the kernel no longer touches it or its buffer;
  /// on_complete is not called for it. An effect it had (a descriptor) is undone. For forced
  /// destruction only: it may block for as long as the kernel needs.
  virtual void cancel_sync(Operation& operation) noexcept = 0;

  /// Cancels what is in flight on `fd` and closes it once the kernel has answered for all of it,
  /// at once if nothing is. The number is not reused before.
  virtual void close(int fd) noexcept = 0;

  /// A request was made since the last poll(). A plain load, for the loop asks in every turn.
  [[nodiscard]] bool has_requests() const noexcept { return has_requests_; }

  /// There is something to submit or to reap that poll(0) would do without waiting.
  [[nodiscard]] virtual bool wants_poll() const noexcept = 0;

  /// Operations in flight, without the backend's own.
  [[nodiscard]] virtual std::size_t in_flight() const noexcept = 0;

  /// Submits what is queued, waits at most `timeout` for a completion or a wake() (zero: does not
  /// wait; forever), and calls on_complete of each operation that is done. A signal ends the wait.
  virtual void poll(Duration timeout) noexcept = 0;

  /// When poll(0) has something to do by the clock, and no readiness will tell.
  [[nodiscard]] virtual std::optional<TimePoint> next_attempt() const noexcept {
    return std::nullopt;
  }

  /// Makes a poll() that waits, or the next one that would, return. Any thread; safe in a signal
  /// handler. Many wakes may be answered by one return.
  virtual void wake() noexcept = 0;

  /// Another thread begins (+1) or has ended (-1) work for this loop, which it ends with a wake():
  /// a virtual clock must not take the silence for idleness. Kernel backends need not know.
  virtual void expect_wake(int /*change*/) noexcept {}

  /// Takes back from the kernel what belongs to the calling thread, so that another one can go on
  /// with it in its next poll(): no completion is lost, none is caused.
  virtual void detach_thread() noexcept {}

  /// The calling thread uses the backend from now on. Returns: false, without effect, if the kernel
  /// has something of a thread that did not call detach_thread(). Throws: std::system_error.
  [[nodiscard]] virtual bool attach_thread() { return true; }

  /// A descriptor that is readable when poll(0) has something to do, to drive the loop from another.
  [[nodiscard]] virtual int fd() const noexcept = 0;

 protected:
  /// Set by submit(), cancel() and close(), cleared by poll().
  bool has_requests_ = false;
};

}  // namespace asyncio::detail

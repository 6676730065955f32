// SignalSet: signals to await, in any loop on any thread.
// Reference: none in Python, whose add_signal_handler() works on the main thread only.
#pragma once

#include <asyncio/core/task.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <asyncio/process/loop_signals.hpp>
#include <deque>

namespace asyncio {

/// Listens to some signals from its construction to its destruction, in the running loop. While
/// it lives the process does not do at these signals what it did before. Several may listen to
/// the same signal, in several loops: each of them gets it.
///
/// `SignalSet stop(SIGINT, SIGTERM); const int signum = co_await stop.next();`
class SignalSet final : private detail::SignalListener {
 public:
  /// Throws: std::invalid_argument if there is no such signal; RuntimeError for SIGKILL and SIGSTOP.
  template <std::same_as<int>... S>
  explicit SignalSet(int first, S... others) : SignalSet(get_running_loop()) {
    add(first);
    (add(others), ...);
  }
  SignalSet(const SignalSet&) = delete;  // its loop points at it
  SignalSet& operator=(const SignalSet&) = delete;
  ~SignalSet() {
    if (!signals_) return;
    for (int signal = 1; signal < NSIG; ++signal)
      if (contains(signal)) signals_->ignore(signal);
  }

  /// Gives the number of the next signal, in the order in which they came. Each is given once,
  /// whichever of several tasks waits for it.
  /// Cancellation: no signal is lost.
  template <class OnDemand = void>
  [[nodiscard("co_await the signal")]] Task<int> next() {
    while (pending_.empty()) co_await wait();
    const int signal = pending_.front();
    pending_.pop_front();
    co_return signal;
  }

  /// Listens to `signum`.
  [[nodiscard]] bool contains(int signum) const noexcept {
    return os::SignalInbox::is_signal(signum) && (mask_ >> (signum - 1) & 1) != 0;
  }

 private:
  explicit SignalSet(EventLoop& loop) : signals_(&loop.service<detail::LoopSignals>()) {
    signals_->add(*this);
  }

  /// Until something may be there. Who is cancelled passes the wake-up on.
  template <class OnDemand = void>
  Task<> wait() {
    try {
      co_await waiters_.wait();
    } catch (...) {
      if (!pending_.empty()) waiters_.wake_one();
      throw;
    }
  }
  void add(int signal) {
    if (contains(signal)) return;
    signals_->listen(signal);
    mask_ |= std::uint64_t{1} << (signal - 1);
  }
  void signal_came(int signal) noexcept override {
    if (!contains(signal)) return;
    try {
      pending_.push_back(signal);
    } catch (const std::bad_alloc&) {
      return;  // as if it had come together with the ones before
    }
    waiters_.wake_one();
  }
  void loop_closed() noexcept override {
    for (int signal = 1; signal < NSIG; ++signal)
      if (contains(signal)) signals_->ignore(signal);
    signals_ = nullptr;
  }

  detail::LoopSignals* signals_;  // null once the loop has closed
  std::uint64_t mask_ = 0;        // bit n - 1: listens to signal n
  std::deque<int> pending_;       // came, and nobody has taken them
  detail::WaitQueue waiters_;
};

}  // namespace asyncio

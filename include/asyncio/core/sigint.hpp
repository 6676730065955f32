// Ctrl-C while a loop runs: the first cancels the main task, the second ends the run at once.
// Reference: https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption
#pragma once

#include <asyncio/core/running_loop.hpp>
#include <asyncio/os/signal.hpp>

namespace asyncio::detail {

/// For the time of one run. Does nothing off the main thread, or where SIGINT is already handled.
class SigintGuard {
 public:
  SigintGuard(EventLoop& loop, AnyTask main_task) : loop_(loop), main_task_(std::move(main_task)) {
    if (!os::is_main_thread() || !os::has_default_action(SIGINT)) return;
    presses_.store(0);
    target_.store(&loop);
    active_ = this;
    restore_in_forked_children();
    loop.set_attention_handler([this] { react(); });
    handler_.install(SIGINT, &on_signal);
  }
  SigintGuard(const SigintGuard&) = delete;  // the loop's handler points at it
  SigintGuard& operator=(const SigintGuard&) = delete;
  ~SigintGuard() {
    handler_.restore();
    if (active_ == this) active_ = nullptr;
    target_.store(nullptr);
    loop_.set_attention_handler(nullptr);
  }

  /// The main task ended by a CancelledError: Ctrl-C was its only cause.
  [[nodiscard]] bool explains_cancellation() const noexcept {
    return seen_ > 0 && main_task_.uncancel() == 0;
  }

 private:
  /// Ctrl-C in a forked child is not the parent's affair: it has its default action again.
  static void restore_in_forked_children() {
    static const bool is_watching = (os::call_in_forked_children(&restore_default), true);
    static_cast<void>(is_watching);
  }
  static void restore_default() noexcept {
    if (active_) active_->handler_.restore();
    active_ = nullptr;
    target_.store(nullptr);
  }

  static void on_signal(int) {
    const int saved_errno = errno;
    presses_.fetch_add(1);
    if (Scheduler* loop = target_.load()) loop->request_attention();
    errno = saved_errno;
  }

  void react() {
    const int presses = presses_.load();
    if (presses == seen_) return;
    const bool first = seen_ == 0 && presses == 1;
    seen_ = presses;
    if (first && !main_task_.done())
      main_task_.cancel();
    else
      loop_.interrupt(std::make_exception_ptr(KeyboardInterrupt()));
  }

  static constinit inline std::atomic<int> presses_{0};
  static constinit inline std::atomic<Scheduler*> target_{nullptr};
  static constinit inline SigintGuard* active_ = nullptr;  // the one whose handler is installed

  EventLoop& loop_;
  AnyTask main_task_;
  os::SignalHandler handler_;
  int seen_ = 0;  // presses that were reacted to
};

}  // namespace asyncio::detail

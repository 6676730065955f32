// A signal's disposition: replaced for a scope, ignored, asked for.
// Reference: sigaction(2), signal-safety(7).
#pragma once

#include <asyncio/os/error.hpp>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asyncio::os {

/// This is the thread that main() runs on: the kernel gives it the process's number.
[[nodiscard]] inline bool is_main_thread() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

/// The signal has its default action.
[[nodiscard]] inline bool has_default_action(int signal) noexcept {
  struct sigaction current{};
  return ::sigaction(signal, nullptr, &current) == 0 && !(current.sa_flags & SA_SIGINFO) &&
         current.sa_handler == SIG_DFL;
}

/// Installs a handler and restores what was there before, in whatever order several of them end;
/// unless a handler that is none of ours has replaced it.
/// Threads: any, but never in a signal handler.
class SignalHandler {
 public:
  SignalHandler() noexcept = default;
  SignalHandler(const SignalHandler&) = delete;  // restores once
  SignalHandler& operator=(const SignalHandler&) = delete;
  ~SignalHandler() { restore(); }

  /// `handler` may only do what signal-safety(7) allows. Throws: std::system_error.
  void install(int signal, void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    const Lock lock;
    if (::sigaction(signal, &action, &previous_) != 0) throw_system_error(errno, "sigaction");
    signal_ = signal;
    handler_ = handler;
    older_ = std::exchange(newest_, this);
  }

  void restore() noexcept {
    if (!handler_) return;
    const Lock lock;
    if (SignalHandler* newer = unlink()) {
      newer->previous_ = previous_;
    } else {
      struct sigaction current{};
      ::sigaction(signal_, nullptr, &current);
      if (current.sa_handler == handler_) ::sigaction(signal_, &previous_, nullptr);
    }
    handler_ = nullptr;
  }

 private:
  /// Held for a few system calls, and never inside a signal handler.
  struct Lock {
    Lock() noexcept {
      while (is_held_.test_and_set(std::memory_order_acquire)) ::sched_yield();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { is_held_.clear(std::memory_order_release); }
  };

  /// Returns: the handler of the same signal that was installed next, which would restore ours.
  SignalHandler* unlink() noexcept {
    SignalHandler* newer = nullptr;
    SignalHandler** link = &newest_;
    for (; *link != this; link = &(*link)->older_)
      if ((*link)->signal_ == signal_) newer = *link;
    *link = older_;
    return newer;
  }

  static constinit inline std::atomic_flag is_held_{};
  static constinit inline SignalHandler* newest_ = nullptr;

  int signal_ = 0;
  void (*handler_)(int) = nullptr;  // null: nothing is installed
  struct sigaction previous_{};
  SignalHandler* older_ = nullptr;
};

/// A write to a pipe that nobody reads is an error and not the end of the process, unless the
/// program handles SIGPIPE in a way of its own. Children get the default back. Done once: a
/// program that wants the signal may restore its default afterwards.
inline void ignore_broken_pipes() noexcept {
  static const bool is_ignored =
      has_default_action(SIGPIPE) && std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  static_cast<void>(is_ignored);
}

/// Ends the process by `signal`, so that a shell sees how it ended.
inline void end_by_signal(int signal) noexcept {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace asyncio::os

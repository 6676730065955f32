// A signal's disposition, replaced for a scope.
// Reference: sigaction(2), signal-safety(7).
#pragma once

#include <asyncio/os/error.hpp>
#include <cerrno>
#include <csignal>

#include <sys/syscall.h>
#include <unistd.h>

namespace asyncio::os {

/// This is the thread that main() runs on: the kernel gives it the process's number.
[[nodiscard]] inline bool is_main_thread() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

/// The signal has its default action.
[[nodiscard]] inline bool has_default_action(int signal) noexcept {
  struct sigaction current {};
  return ::sigaction(signal, nullptr, &current) == 0 && !(current.sa_flags & SA_SIGINFO) &&
         current.sa_handler == SIG_DFL;
}

/// Installs a handler and restores what was there before, unless somebody else's has replaced ours.
class SignalHandler {
 public:
  SignalHandler() noexcept = default;
  SignalHandler(const SignalHandler&) = delete;  // restores once
  SignalHandler& operator=(const SignalHandler&) = delete;
  ~SignalHandler() { restore(); }

  /// `handler` may only do what signal-safety(7) allows. Throws: std::system_error.
  void install(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    if (::sigaction(signal, &action, &previous_) != 0) throw_system_error(errno, "sigaction");
    signal_ = signal;
    handler_ = handler;
  }

  void restore() noexcept {
    if (!handler_) return;
    struct sigaction current {};
    ::sigaction(signal_, nullptr, &current);
    if (current.sa_handler == handler_) ::sigaction(signal_, &previous_, nullptr);
    handler_ = nullptr;
  }

 private:
  int signal_ = 0;
  void (*handler_)(int) = nullptr;  // null: nothing is installed
  struct sigaction previous_ {};
};

/// Ends the process by `signal`, so that a shell sees how it ended.
inline void end_by_signal(int signal) noexcept {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace asyncio::os

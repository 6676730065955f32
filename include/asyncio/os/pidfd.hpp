// A child process by descriptor: no signal and no wait can hit another process that got its number.
// Reference: pidfd_open(2), waitid(2).
#pragma once

#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

// Debian 10's headers have neither; the numbers are the same on every architecture.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

namespace asyncio::os {

/// A descriptor of a child that nobody has waited for yet. It is readable when the child has
/// exited, and programs that are executed do not inherit it. Empty with errno set: it failed.
/// Needs: Linux 5.3.
[[nodiscard]] inline Fd open_pidfd(pid_t pid) noexcept {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// Returns: 0 or -errno; -ESRCH when the process has been waited for.
inline int send_signal(int pidfd, int signal) noexcept {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0 ? 0 : -errno;
}

/// What waiting for a child without waiting gave.
struct Reaped {
  enum class State : unsigned char {
    running,
    exited,  ///< `returncode` is valid, and the number belongs to nobody now
    lost     ///< somebody else waited for it, or SIGCHLD is ignored: the kernel has forgotten it
  };
  State state;
  int returncode = 0;  ///< the exit status, or minus the number of the signal that ended it
};

/// Waits for a child that has exited; does not block. Needs: Linux 5.4.
[[nodiscard]] inline Reaped try_reap(int pidfd) noexcept {
  constexpr auto by_pidfd = static_cast<idtype_t>(3);  // P_PIDFD, which old headers lack
  siginfo_t info{};
  int result = 0;
  do {
    result = ::waitid(by_pidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG);
  } while (result < 0 && errno == EINTR);
  if (result < 0) return {Reaped::State::lost};
  if (info.si_pid == 0) return {Reaped::State::running};
  const bool was_killed = info.si_code != CLD_EXITED;
  return {Reaped::State::exited, was_killed ? -info.si_status : info.si_status};
}

/// Blocks until the child has exited, so many milliseconds at most. For forced ends only.
inline void wait_for_exit(int pidfd, int milliseconds) noexcept {
  pollfd entry{pidfd, POLLIN, 0};
  while (::poll(&entry, 1, milliseconds) < 0 && errno == EINTR) {
  }
}

}  // namespace asyncio::os

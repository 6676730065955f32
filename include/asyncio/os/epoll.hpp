// The epoll descriptor: which descriptors are ready.
// Reference: epoll(7).
#pragma once

#include <algorithm>
#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <asyncio/os/process_mark.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace asyncio::os {

/// Owns an epoll descriptor; level-triggered unless the caller says otherwise. A forked child shares
/// it with its parent, so everything fails there with -ECHILD.
class Epoll {
 public:
  using Duration = std::chrono::nanoseconds;

  Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!fd_) throw_system_error(errno, "epoll_create1");
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Returns: 0 or -errno, like modify() and remove().
  int add(int fd, std::uint32_t events, std::uint64_t data) noexcept {
    return control(EPOLL_CTL_ADD, fd, events, data);
  }
  int modify(int fd, std::uint32_t events, std::uint64_t data) noexcept {
    return control(EPOLL_CTL_MOD, fd, events, data);
  }
  int remove(int fd) noexcept { return control(EPOLL_CTL_DEL, fd, 0, 0); }

  /// Waits for events at most `timeout` (Duration::max(): without end), and never less.
  /// Returns: their number, or -errno; -EINTR is not retried, because a signal must end the wait.
  int wait(std::span<epoll_event> events, Duration timeout) noexcept {
    if (process_.is_inherited()) return -ECHILD;
    if (timeout != Duration::max()) {
      timeout = std::clamp(timeout, Duration::zero(), Duration(std::chrono::hours(24)));
    }
    if (has_nanoseconds_) {
      const int count = wait_nanoseconds(events, timeout);
      // An old kernel says ENOSYS (Linux < 5.11), an old container's filter EPERM.
      if (count != -ENOSYS && count != -EPERM) return count;
      has_nanoseconds_ = false;
    }
    return wait_milliseconds(events, timeout);
  }

 private:
  /// The kernel's timespec, 64 bits wide on every architecture.
  struct KernelTimespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
  };

  int control(int action, int fd, std::uint32_t events, std::uint64_t data) noexcept {
    if (process_.is_inherited()) return -ECHILD;
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    return ::epoll_ctl(fd_.get(), action, fd, &event) == 0 ? 0 : -errno;
  }

  int wait_nanoseconds(std::span<epoll_event> events, Duration timeout) noexcept {
#if defined(SYS_epoll_pwait2)
    const KernelTimespec limit{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
    const long count = ::syscall(SYS_epoll_pwait2, fd_.get(), events.data(), events.size(),
                                 timeout == Duration::max() ? nullptr : &limit, nullptr, 0);
    return count < 0 ? -errno : static_cast<int>(count);
#else
    static_cast<void>(events);
    static_cast<void>(timeout);
    return -ENOSYS;
#endif
  }

  int wait_milliseconds(std::span<epoll_event> events, Duration timeout) noexcept {
    // Rounded up: a timer that is not due yet would make the loop spin.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    const int limit = timeout == Duration::max() ? -1 : static_cast<int>(milliseconds);
    const int count =
        ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), limit);
    return count < 0 ? -errno : count;
  }

  Fd fd_;
  ProcessMark process_;
  bool has_nanoseconds_ = true;  ///< epoll_pwait2 was not refused so far
};

}  // namespace asyncio::os

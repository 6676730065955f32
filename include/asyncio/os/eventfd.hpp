// A descriptor that other threads and signal handlers make readable.
// Reference: eventfd(2); the self-pipe of Python's selector_events.
#pragma once

#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <asyncio/os/process_mark.hpp>
#include <cerrno>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace asyncio::os {

/// Readable from signal() until drain(), however often it was signalled. A forked child shares it
/// with its parent, so nothing happens there.
class EventFd {
 public:
  EventFd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw_system_error(errno, "eventfd");
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Makes it readable. `Threads:` any; safe in a signal handler, so errno is kept.
  void signal() noexcept {
    if (process_.is_inherited()) return;
    const int saved = errno;
    const std::uint64_t one = 1;
    // EAGAIN means the counter is full, so it is readable already.
    while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    errno = saved;
  }

  /// Makes it not readable.
  void drain() noexcept {
    if (process_.is_inherited()) return;
    std::uint64_t count = 0;
    while (::read(fd_.get(), &count, sizeof count) < 0 && errno == EINTR) {
    }
  }

 private:
  Fd fd_;
  ProcessMark process_;
};

}  // namespace asyncio::os

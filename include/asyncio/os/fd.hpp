// Ownership of a file descriptor.
// Reference: close(2).
#pragma once

#include <cerrno>
#include <utility>

#include <unistd.h>

namespace asyncio::os {

/// Closes `fd` now. No retry: Linux frees the number also when close(2) reports EINTR. errno stays
/// as it was, so that clean-up does not hide the failure that caused it.
inline void close_fd(int fd) noexcept {
  const int saved = errno;
  ::close(fd);
  errno = saved;
}

/// Owns one descriptor and closes it. For descriptors that no backend knows; one with operations
/// in flight is closed by Backend::close().
class Fd {
 public:
  static constexpr int none = -1;

  Fd() noexcept = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ != none; }

  /// Gives the descriptor away; the caller closes it.
  [[nodiscard("the descriptor leaks unless somebody closes it")]] int release() noexcept {
    return std::exchange(fd_, none);
  }

  /// Closes what it owns and owns `fd` from now on.
  void reset(int fd = none) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old != none && old != fd) close_fd(old);
  }

 private:
  int fd_ = none;
};

}  // namespace asyncio::os

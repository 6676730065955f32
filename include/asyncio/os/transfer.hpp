// The calls that move bytes, connections and readiness, once, without waiting.
// Reference: their man pages; each returns the effect (>= 0) or -errno.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace asyncio::os {

/// The most that one call moves; the kernel's own limit, and it fits in an int.
inline constexpr std::size_t transfer_limit = 0x7ffff000;
/// The most messages that one call sends or receives: UIO_MAXIOV of sendmmsg(2).
inline constexpr std::size_t messages_limit = 1024;

/// Repeats `call` while a signal interrupts it. Returns: its result or -errno.
template <class Call>
int retry_interrupted(Call call) noexcept {
  for (;;) {
    const auto result = call();
    if (result >= 0) return static_cast<int>(result);
    if (errno != EINTR) return -errno;
  }
}

inline int try_recv(int fd, void* buffer, std::size_t length, int flags) noexcept {
  length = std::min(length, transfer_limit);
  return retry_interrupted([&] { return ::recv(fd, buffer, length, flags | MSG_DONTWAIT); });
}

/// Never raises SIGPIPE, like try_sendmsg().
inline int try_send(int fd, const void* buffer, std::size_t length, int flags) noexcept {
  length = std::min(length, transfer_limit);
  flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
  return retry_interrupted([&] { return ::send(fd, buffer, length, flags); });
}

inline int try_recvmsg(int fd, msghdr* message, int flags) noexcept {
  flags |= MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  return retry_interrupted([&] { return ::recvmsg(fd, message, flags); });
}

inline int try_sendmsg(int fd, const msghdr* message, int flags) noexcept {
  flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
  return retry_interrupted([&] { return ::sendmsg(fd, message, flags); });
}

/// Several datagrams at once: recvmmsg(2). Returns: how many; an error behind the first one is kept
/// by the kernel for the next call.
inline int try_recvmmsg(int fd, mmsghdr* messages, std::size_t count, int flags) noexcept {
  const auto limit = static_cast<unsigned>(std::min(count, messages_limit));
  flags |= MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  return retry_interrupted([&] { return ::recvmmsg(fd, messages, limit, flags, nullptr); });
}

/// Sends several datagrams. Returns: how many; the next call meets the error that stopped it.
inline int try_sendmmsg(int fd, mmsghdr* messages, std::size_t count, int flags) noexcept {
  const auto limit = static_cast<unsigned>(std::min(count, messages_limit));
  flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
  return retry_interrupted([&] { return ::sendmmsg(fd, messages, limit, flags); });
}

/// Waits if `fd` is in blocking mode. An `offset` of all ones is the current position.
inline int try_read(int fd, void* buffer, std::size_t length, std::uint64_t offset) noexcept {
  length = std::min(length, transfer_limit);
  if (offset == ~0ull) return retry_interrupted([&] { return ::read(fd, buffer, length); });
  const auto position = static_cast<off_t>(offset);
  return retry_interrupted([&] { return ::pread(fd, buffer, length, position); });
}

inline int try_write(int fd, const void* buffer, std::size_t length,
                     std::uint64_t offset) noexcept {
  length = std::min(length, transfer_limit);
  if (offset == ~0ull) return retry_interrupted([&] { return ::write(fd, buffer, length); });
  const auto position = static_cast<off_t>(offset);
  return retry_interrupted([&] { return ::pwrite(fd, buffer, length, position); });
}

/// `address` may be null. Returns: a descriptor that never blocks and that children do not inherit.
inline int try_accept(int fd, sockaddr* address, socklen_t* length) noexcept {
  return retry_interrupted(
      [&] { return ::accept4(fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC); });
}

/// Starts to connect, or asks what became of it: call it again when the socket is writable.
/// Returns: 0, or -EAGAIN while it goes on, or -errno.
inline int try_connect(int fd, const sockaddr* address, socklen_t length) noexcept {
  const int result = retry_interrupted([&] { return ::connect(fd, address, length); });
  switch (result) {
    case -EISCONN:  // it was established between two calls
      return 0;
    case -EINPROGRESS:
    case -EALREADY:
      return -EAGAIN;
    default:  // -EAGAIN itself: a unix listener whose backlog is full
      return result;
  }
}

/// Returns: the POLL* events of `fd` that hold now (> 0), -EAGAIN for none, -EBADF.
inline int try_poll(int fd, short events) noexcept {
  pollfd entry{fd, events, 0};
  const int count = retry_interrupted([&] { return ::poll(&entry, 1, 0); });
  if (count < 0) return count;
  if (count == 0) return -EAGAIN;
  return (entry.revents & POLLNVAL) != 0 ? -EBADF : entry.revents;
}

}  // namespace asyncio::os

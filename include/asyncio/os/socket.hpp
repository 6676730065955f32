// Making sockets and asking about them: the calls that never wait.
// Reference: Python's socket module.
#pragma once

#include <asyncio/os/address.hpp>
#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace asyncio::os {

/// A socket that never blocks and that children do not inherit.
/// Throws: std::system_error, like everything in this file.
[[nodiscard]] inline Fd make_socket(int family, int type, int protocol = 0) {
  Fd fd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd) throw_system_error(errno, "socket");
  return fd;
}

/// Two connected unix sockets.
[[nodiscard]] inline std::pair<Fd, Fd> socket_pair(int type = SOCK_STREAM) {
  int fds[2];
  if (::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
    throw_system_error(errno, "socketpair");
  }
  return {Fd(fds[0]), Fd(fds[1])};
}

inline void bind(int fd, const Address& address) {
  if (::bind(fd, address.data(), address.size()) != 0) {
    const int error = errno;
    throw_system_error(error, "bind to " + address.to_string());
  }
}

inline void listen(int fd, int backlog) {
  if (::listen(fd, backlog) != 0) throw_system_error(errno, "listen");
}

[[nodiscard]] inline Address local_address(int fd) {
  Address address;
  socklen_t size = Address::capacity();
  if (::getsockname(fd, address.storage(), &size) != 0) throw_system_error(errno, "getsockname");
  address.resize(size);
  return address;
}

[[nodiscard]] inline Address peer_address(int fd) {
  Address address;
  socklen_t size = Address::capacity();
  if (::getpeername(fd, address.storage(), &size) != 0) throw_system_error(errno, "getpeername");
  address.resize(size);
  return address;
}

inline void set_option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0) {
    throw_system_error(errno, "setsockopt");
  }
}

[[nodiscard]] inline int get_option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, level, name, &value, &size) != 0) throw_system_error(errno, "getsockopt");
  return value;
}

inline void set_reuse_address(int fd) { set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); }
inline void set_reuse_port(int fd) { set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1); }
inline void set_keep_alive(int fd) { set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1); }
inline void set_no_delay(int fd) { set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }
inline void set_v6_only(int fd) { set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1); }

/// Sends the end of the stream. A peer that is gone already (ENOTCONN) is no error.
inline void shutdown_write(int fd) {
  if (::shutdown(fd, SHUT_WR) != 0 && errno != ENOTCONN) throw_system_error(errno, "shutdown");
}

/// The errno that waits on the socket (SO_ERROR), which is cleared; 0 for none.
[[nodiscard]] inline int socket_error(int fd) { return get_option(fd, SOL_SOCKET, SO_ERROR); }

}  // namespace asyncio::os

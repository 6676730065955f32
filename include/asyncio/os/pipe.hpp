// A pipe, and the descriptors that a child's streams are made of.
// Reference: pipe(7).
#pragma once

#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace asyncio::os {

/// Both ends of a pipe.
struct Pipe {
  Fd reader;
  Fd writer;
};

/// A pipe whose ends block and that children do not inherit. Throws: std::system_error.
[[nodiscard]] inline Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw_system_error(errno, "pipe");
  return {Fd(fds[0]), Fd(fds[1])};
}

/// From now on `fd` never blocks, and so do its duplicates in other processes: only for
/// descriptors that were made here. Throws: std::system_error.
inline void set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    throw_system_error(errno, "fcntl");
}

/// Opens /dev/null for reading and writing. Throws: std::system_error.
[[nodiscard]] inline Fd open_null_device() {
  Fd fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!fd) throw_system_error(errno, "open /dev/null");
  return fd;
}

}  // namespace asyncio::os

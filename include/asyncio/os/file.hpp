// The calls on files, once each. Those named try_ come back at once; the others take their time.
// Reference: open(2), preadv2(2), statx(2), and the other man pages; each returns the effect (>= 0)
// or -errno.
#pragma once

#include <asyncio/os/transfer.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

namespace asyncio::os {

/// What statx(2) is asked for.
inline constexpr unsigned stat_mask = STATX_BASIC_STATS | STATX_BTIME;

inline int open_file(const char* path, int flags, unsigned mode) noexcept {
  return retry_interrupted([&] { return ::open(path, flags | O_CLOEXEC, mode); });
}

/// Reads what is in memory, at `offset` or, for all ones, at the current position. Returns: -EAGAIN
/// when that would mean to wait for a disk, also where the file system cannot tell.
inline int try_read_file(int fd, void* buffer, std::size_t length, std::uint64_t offset) noexcept {
  const iovec part{buffer, std::min(length, transfer_limit)};
  const int result = retry_interrupted(
      [&] { return ::preadv2(fd, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT); });
  return result == -EOPNOTSUPP || result == -ENOSYS ? -EAGAIN : result;
}

/// Writes what fits into memory, as try_read_file().
inline int try_write_file(int fd, const void* buffer, std::size_t length,
                          std::uint64_t offset) noexcept {
  // Safe because a write does not change the buffer.
  const iovec part{const_cast<void*>(buffer), std::min(length, transfer_limit)};
  const int result = retry_interrupted(
      [&] { return ::pwritev2(fd, &part, 1, static_cast<off_t>(offset), RWF_NOWAIT); });
  return result == -EOPNOTSUPP || result == -ENOSYS ? -EAGAIN : result;
}

/// Returns when the disk has it. `flags`: 0, or IORING_FSYNC_DATASYNC (1) for the content alone.
inline int sync_file(int fd, unsigned flags) noexcept {
  return retry_interrupted([&] { return flags == 0 ? ::fsync(fd) : ::fdatasync(fd); });
}

inline int stat_file(int fd, struct statx* status) noexcept {
  return retry_interrupted([&] { return ::statx(fd, "", AT_EMPTY_PATH, stat_mask, status); });
}

inline int truncate_file(int fd, std::uint64_t size) noexcept {
  return retry_interrupted([&] { return ::ftruncate(fd, static_cast<off_t>(size)); });
}

/// The number is free afterwards, whatever is returned: never to be repeated (close(2)).
inline int close_file(int fd) noexcept { return ::close(fd) == 0 ? 0 : -errno; }

/// The current position, or -ESPIPE for what has none.
inline std::int64_t file_position(int fd) noexcept {
  const off_t position = ::lseek(fd, 0, SEEK_CUR);
  return position < 0 ? -errno : position;
}

/// Moves the current position to the end, and gives it.
inline std::int64_t file_end(int fd) noexcept {
  const off_t position = ::lseek(fd, 0, SEEK_END);
  return position < 0 ? -errno : position;
}

}  // namespace asyncio::os

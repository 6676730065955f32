// The operations on files: never "would wait" in epoll's sense, so that without io_uring a thread
// does them. Reference: io_uring_enter(2) and the man page of each call.
#pragma once

#include <asyncio/backend/operations.hpp>
#include <asyncio/os/file.hpp>

namespace asyncio::detail {

/// Opens the path in the buffer: `flags` as open(2) has them, `length` the permissions. The result is
/// a descriptor.
inline constexpr OperationType open_operation{
    .name = "open",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::openat,
              .address = uring_word(op.buffer),
              .length = uring_length(op),
              .flags = op.flags | O_CLOEXEC};
    },
    .readiness = Readiness::readable,
    .attempt = &never_at_once,
    .yields_descriptor = true,
    .on_path = true,
    .block =
        [](Operation& op) noexcept {
          return os::open_file(static_cast<const char*>(op.buffer), native_flags(op),
                               static_cast<unsigned>(op.length));
        }};

/// Reads from a file; at once if it is in memory.
inline constexpr OperationType read_file_operation{
    .name = "read",
    .uring = read_operation.uring,
    .readiness = Readiness::readable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_read_file(op.fd, op.buffer, op.length, op.offset);
        },
    .block = read_operation.attempt};

/// Writes to a file; at once if there is memory and the file system can tell.
inline constexpr OperationType write_file_operation{
    .name = "write",
    .uring = write_operation.uring,
    .readiness = Readiness::writable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_write_file(op.fd, op.buffer, op.length, op.offset);
        },
    .block = write_operation.attempt};

/// Waits until the disk has the file; with `flags` 1 its content alone.
inline constexpr OperationType fsync_operation{
    .name = "fsync",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::fsync, .flags = op.flags};
    },
    .readiness = Readiness::writable,
    .attempt = &never_at_once,
    .block = [](Operation& op) noexcept { return os::sync_file(op.fd, op.flags); }};

/// Fills the struct statx in the buffer.
inline constexpr OperationType stat_operation{
    .name = "stat",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::statx,
              .address = uring_word(""),
              .length = os::stat_mask,
              .offset = uring_word(op.buffer),
              .flags = AT_EMPTY_PATH};
    },
    .readiness = Readiness::readable,
    .attempt = &never_at_once,
    .block =
        [](Operation& op) noexcept {
          return os::stat_file(op.fd, static_cast<struct statx*>(op.buffer));
        }};

/// Closes the descriptor, on which nothing else may be in flight.
inline constexpr OperationType close_operation{
    .name = "close",
    .uring = [](const Operation&) noexcept -> UringForm { return {.opcode = uring_opcode::close}; },
    .readiness = Readiness::writable,
    .attempt = &never_at_once,
    .block = [](Operation& op) noexcept { return os::close_file(op.fd); },
    .is_final = true};

inline void prepare_open(Operation& operation, const char* path, int flags,
                         unsigned mode) noexcept {
  prepare_bytes(operation, open_operation, AT_FDCWD, const_cast<char*>(path), mode);  // as in send
  operation.flags = static_cast<std::uint32_t>(flags);
}

/// An `offset` of all ones is the current position.
inline void prepare_read_file(Operation& operation, int fd, void* buffer, std::size_t length,
                              std::uint64_t offset) noexcept {
  prepare_bytes(operation, read_file_operation, fd, buffer, length);
  operation.offset = offset;
}

inline void prepare_write_file(Operation& operation, int fd, const void* buffer, std::size_t length,
                               std::uint64_t offset) noexcept {
  prepare_bytes(operation, write_file_operation, fd, const_cast<void*>(buffer), length);
  operation.offset = offset;
}

inline void prepare_fsync(Operation& operation, int fd, unsigned flags) noexcept {
  prepare(operation, fsync_operation, fd);
  operation.flags = flags;
}

inline void prepare_stat(Operation& operation, int fd, struct statx* status) noexcept {
  prepare_bytes(operation, stat_operation, fd, status, 0);
}

inline void prepare_close(Operation& operation, int fd) noexcept {
  prepare(operation, close_operation, fd);
}

}  // namespace asyncio::detail

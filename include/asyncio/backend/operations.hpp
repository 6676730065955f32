// The operations on descriptors: for each its io_uring form beside its epoll form, and a function
// that fills an Operation. Reference: io_uring_enter(2) and the man page of each call.
#pragma once

#include <algorithm>
#include <asyncio/backend/operation.hpp>
#include <asyncio/os/transfer.hpp>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <poll.h>
#include <sys/socket.h>

namespace asyncio::detail {

/// Operation codes of io_uring: enum io_uring_op of linux/io_uring.h, which is not included so
/// that a build without liburing needs no kernel headers.
namespace uring_opcode {
inline constexpr std::uint8_t nop = 0;
inline constexpr std::uint8_t fsync = 3;
inline constexpr std::uint8_t poll_add = 6;
inline constexpr std::uint8_t sendmsg = 9;
inline constexpr std::uint8_t recvmsg = 10;
inline constexpr std::uint8_t accept = 13;
inline constexpr std::uint8_t async_cancel = 14;
inline constexpr std::uint8_t connect = 16;
inline constexpr std::uint8_t openat = 18;
inline constexpr std::uint8_t close = 19;
inline constexpr std::uint8_t statx = 21;
inline constexpr std::uint8_t read = 22;
inline constexpr std::uint8_t write = 23;
inline constexpr std::uint8_t send = 26;
inline constexpr std::uint8_t recv = 27;

/// What UringBackend needs a kernel to know.
inline constexpr std::uint8_t all[] = {nop,    fsync,        poll_add, sendmsg, recvmsg,
                                       accept, async_cancel, connect,  openat,  close,
                                       statx,  read,         write,    send,    recv};
}  // namespace uring_opcode

/// A pointer as a field of the submission queue. Safe because the kernel casts it back.
inline std::uint64_t uring_word(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

inline std::uint32_t uring_length(const Operation& operation) noexcept {
  return static_cast<std::uint32_t>(std::min(operation.length, os::transfer_limit));
}

/// The field poll32_events, whose halves are swapped on big-endian machines (linux/io_uring.h).
inline std::uint32_t uring_poll_events(std::uint32_t events) noexcept {
  if constexpr (std::endian::native == std::endian::big) return events << 16 | events >> 16;
  return events;
}

inline int native_flags(const Operation& operation) noexcept {
  return static_cast<int>(operation.flags);
}

inline sockaddr* native_address(void* pointer) noexcept { return static_cast<sockaddr*>(pointer); }

/// The attempt of operations that always take their time.
inline int never_at_once(Operation&) noexcept { return -EAGAIN; }

/// Receives bytes; 0 is the end of the stream.
inline constexpr OperationType recv_operation{
    .name = "recv",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::recv,
              .address = uring_word(op.buffer),
              .length = uring_length(op),
              .flags = op.flags};
    },
    .readiness = Readiness::readable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_recv(op.fd, op.buffer, op.length, native_flags(op));
        }};

/// Sends bytes, perhaps not all; a broken connection is -EPIPE and never a signal.
inline constexpr OperationType send_operation{
    .name = "send",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::send,
              .address = uring_word(op.buffer),
              .length = uring_length(op),
              .flags = op.flags | MSG_NOSIGNAL};
    },
    .readiness = Readiness::writable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_send(op.fd, op.buffer, op.length, native_flags(op));
        }};

/// Receives into a msghdr; it and all it points at live as long as the operation.
inline constexpr OperationType recvmsg_operation{
    .name = "recvmsg",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::recvmsg,
              .address = uring_word(op.buffer),
              .length = 1,
              .flags = op.flags | MSG_CMSG_CLOEXEC};
    },
    .readiness = Readiness::readable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_recvmsg(op.fd, static_cast<msghdr*>(op.buffer), native_flags(op));
        }};

/// Sends a msghdr; see recvmsg_operation and send_operation.
inline constexpr OperationType sendmsg_operation{
    .name = "sendmsg",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::sendmsg,
              .address = uring_word(op.buffer),
              .length = 1,
              .flags = op.flags | MSG_NOSIGNAL};
    },
    .readiness = Readiness::writable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_sendmsg(op.fd, static_cast<msghdr*>(op.buffer), native_flags(op));
        }};

/// Reads from a file, pipe or terminal. Attempted, it waits if the descriptor is in blocking mode.
inline constexpr OperationType read_operation{
    .name = "read",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::read,
              .address = uring_word(op.buffer),
              .length = uring_length(op),
              .offset = op.offset};
    },
    .readiness = Readiness::readable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_read(op.fd, op.buffer, op.length, op.offset);
        }};

/// Writes to a file, pipe or terminal. A broken pipe raises SIGPIPE unless that is ignored.
inline constexpr OperationType write_operation{
    .name = "write",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::write,
              .address = uring_word(op.buffer),
              .length = uring_length(op),
              .offset = op.offset};
    },
    .readiness = Readiness::writable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_write(op.fd, op.buffer, op.length, op.offset);
        }};

/// Takes a connection; the result is its descriptor, which does not block.
inline constexpr OperationType accept_operation{
    .name = "accept",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::accept,
              .address = uring_word(op.address),
              .offset = op.address != nullptr ? uring_word(&op.address_length) : 0,
              .flags = SOCK_NONBLOCK | SOCK_CLOEXEC};
    },
    .readiness = Readiness::readable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_accept(op.fd, native_address(op.address),
                                op.address != nullptr ? &op.address_length : nullptr);
        },
    .yields_descriptor = true};

/// Connects to the sockaddr in the buffer.
inline constexpr OperationType connect_operation{
    .name = "connect",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::connect,
              .address = uring_word(op.buffer),
              .offset = op.length};  // where io_uring wants the size of the address
    },
    .readiness = Readiness::writable,
    .attempt =
        [](Operation& op) noexcept {
          return os::try_connect(op.fd, native_address(op.buffer),
                                 static_cast<socklen_t>(op.length));
        }};

/// Waits until one of the POLL* events in `flags` holds; the result is those that do. The
/// descriptor may belong to somebody else, who closes it without telling the backend.
inline constexpr OperationType poll_operation{
    .name = "poll",
    .uring = [](const Operation& op) noexcept -> UringForm {
      return {.opcode = uring_opcode::poll_add, .flags = uring_poll_events(op.flags)};
    },
    .readiness = Readiness::readable,  // `flags` says more: interest_of()
    .attempt =
        [](Operation& op) noexcept { return os::try_poll(op.fd, static_cast<short>(op.flags)); }};

/// The POLL* events (EPOLL* has the same numbers) after which `operation` is worth an attempt.
inline std::uint32_t interest_of(const Operation& operation) noexcept {
  if (operation.type == &poll_operation) return operation.flags;
  return operation.type->readiness == Readiness::readable ? POLLIN : POLLOUT;
}

inline void prepare(Operation& operation, const OperationType& type, int fd) noexcept {
  operation.type = &type;
  operation.fd = fd;
  operation.flags = 0;
}

inline void prepare_bytes(Operation& operation, const OperationType& type, int fd, void* buffer,
                          std::size_t length) noexcept {
  prepare(operation, type, fd);
  operation.buffer = buffer;
  operation.length = length;
}

inline void prepare_recv(Operation& operation, int fd, void* buffer, std::size_t length,
                         int flags = 0) noexcept {
  prepare_bytes(operation, recv_operation, fd, buffer, length);
  operation.flags = static_cast<std::uint32_t>(flags);
}

inline void prepare_send(Operation& operation, int fd, const void* buffer, std::size_t length,
                         int flags = 0) noexcept {
  // Safe because no form of a send writes to the buffer.
  prepare_bytes(operation, send_operation, fd, const_cast<void*>(buffer), length);
  operation.flags = static_cast<std::uint32_t>(flags);
}

inline void prepare_recvmsg(Operation& operation, int fd, msghdr* message, int flags = 0) noexcept {
  prepare_bytes(operation, recvmsg_operation, fd, message, 1);
  operation.flags = static_cast<std::uint32_t>(flags);
}

inline void prepare_sendmsg(Operation& operation, int fd, const msghdr* message,
                            int flags = 0) noexcept {
  prepare_bytes(operation, sendmsg_operation, fd, const_cast<msghdr*>(message), 1);  // as in send
  operation.flags = static_cast<std::uint32_t>(flags);
}

/// An `offset` of all ones is the current position, the only one that pipes and terminals have.
inline void prepare_read(Operation& operation, int fd, void* buffer, std::size_t length,
                         std::uint64_t offset = ~0ull) noexcept {
  prepare_bytes(operation, read_operation, fd, buffer, length);
  operation.offset = offset;
}

inline void prepare_write(Operation& operation, int fd, const void* buffer, std::size_t length,
                          std::uint64_t offset = ~0ull) noexcept {
  prepare_bytes(operation, write_operation, fd, const_cast<void*>(buffer), length);  // as in send
  operation.offset = offset;
}

/// `address` may be null; else it and `length` are where the peer's address goes:
/// `operation.address_length` holds its size afterwards.
inline void prepare_accept(Operation& operation, int fd, sockaddr* address = nullptr,
                           socklen_t length = 0) noexcept {
  prepare(operation, accept_operation, fd);
  operation.address = address;
  operation.address_length = length;
}

/// A connect() is best submitted without an attempt: one call then does all on io_uring.
inline void prepare_connect(Operation& operation, int fd, const sockaddr* address,
                            socklen_t length) noexcept {
  prepare_bytes(operation, connect_operation, fd, const_cast<sockaddr*>(address), length);
}

inline void prepare_poll(Operation& operation, int fd, short events) noexcept {
  prepare(operation, poll_operation, fd);
  operation.flags = static_cast<std::uint16_t>(events);
}

}  // namespace asyncio::detail

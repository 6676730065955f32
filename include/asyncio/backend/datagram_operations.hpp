// The operations on several datagrams at once. io_uring has no such calls: they are attempted, and
// whoever must wait submits a recvmsg or sendmsg for the first datagram instead.
// Reference: recvmmsg(2), sendmmsg(2).
#pragma once

#include <asyncio/backend/operations.hpp>
#include <span>

namespace asyncio::detail {

/// Receives into `length` messages; the result is how many. Attempted only.
inline constexpr OperationType recvmmsg_operation{
    .name = "recvmmsg",
    .uring = nullptr,
    .readiness = Readiness::readable,
    .attempt = [](Operation& op) noexcept {
      return os::try_recvmmsg(op.fd, static_cast<mmsghdr*>(op.buffer), op.length, native_flags(op));
    }};

/// Sends `length` messages; the result is how many. Attempted only.
inline constexpr OperationType sendmmsg_operation{
    .name = "sendmmsg",
    .uring = nullptr,
    .readiness = Readiness::writable,
    .attempt = [](Operation& op) noexcept {
      return os::try_sendmmsg(op.fd, static_cast<mmsghdr*>(op.buffer), op.length, native_flags(op));
    }};

inline void prepare_recvmmsg(Operation& operation, int fd, std::span<mmsghdr> messages) noexcept {
  prepare_bytes(operation, recvmmsg_operation, fd, messages.data(), messages.size());
}

inline void prepare_sendmmsg(Operation& operation, int fd, std::span<mmsghdr> messages) noexcept {
  prepare_bytes(operation, sendmmsg_operation, fd, messages.data(), messages.size());
}

}  // namespace asyncio::detail

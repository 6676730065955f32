// One operation of the kernel: what is asked, and both ways to have it done.
// A backend sees an Operation's type and never its meaning, so a new operation is a new
// OperationType and nothing else.
#pragma once

#include <asyncio/config.hpp>
#include <asyncio/detail/list.hpp>
#include <cstddef>
#include <cstdint>

namespace asyncio::detail {

struct Operation;

/// How an operation looks as an entry of io_uring's submission queue (io_uring_enter(2)); the
/// fields have the kernel's names, so that a reader can hold them against the man page.
struct UringForm {
  std::uint8_t opcode;
  std::uint64_t address = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;
  std::uint32_t flags = 0;
};

/// What an operation waits for when it is not done by io_uring.
enum class Readiness : std::uint8_t { readable, writable };

/// The kind of an operation: its name and its two forms, side by side.
struct OperationType {
  const char* name;  ///< of the system call, for messages
  UringForm (*uring)(const Operation&) noexcept;
  Readiness readiness;
  /// Does it without waiting. Returns the effect (>= 0) or -errno; -EAGAIN when it would wait.
  int (*attempt)(Operation&) noexcept;
  /// Its result is a descriptor, which must be closed if nobody takes it.
  bool yields_descriptor = false;
  /// It works on a path; `fd` says where relative ones begin.
  bool on_path = false;
  /// Does it, however long that takes: for a thread, where io_uring does not do it. Null for all
  /// that readiness can be waited for.
  int (*block)(Operation&) noexcept = nullptr;
  /// Frees what it works on, also when it fails: never repeated.
  bool is_final = false;
};

enum class OperationState : std::uint8_t {
  idle,        ///< belongs to its maker; no backend knows it
  in_flight,   ///< the backend, and perhaps the kernel, may touch it and its buffer
  cancelling,  ///< in flight, and the backend was asked to stop it
  done         ///< `result` is valid; the backend has forgotten it
};

/// An operation in flight. Lives at one address from submit until `on_complete` was called.
/// Lifetime: the operation and everything it points at belong to the kernel in between.
struct Operation : ListHook {
  const OperationType* type = nullptr;
  int fd = -1;
  int result = 0;  ///< when done: the effect (>= 0) or -errno; -ECANCELED after a cancel that won
  OperationState state = OperationState::idle;
  /// Of the backend; tells this use of the address from earlier ones.
  std::uint16_t generation = 0;
  std::uint32_t flags = 0;           ///< MSG_* for sockets, POLL* for poll, O_* for open
  void* buffer = nullptr;            ///< bytes, an iovec array, a sockaddr or a msghdr, by type
  std::size_t length = 0;            ///< bytes, entries or size of the address, by type
  void* address = nullptr;           ///< accept: a sockaddr to fill; null where nobody asks
  std::uint32_t address_length = 0;  ///< accept: size of that sockaddr, then of what was stored
  std::uint64_t offset = ~0ull;      ///< in a file; all ones: the current position
  /// Called from Backend::poll(), exactly once for each submit, with `state == done`.
  void (*on_complete)(Operation&) noexcept = nullptr;
};

}  // namespace asyncio::detail

// The operations of a Socket: leaves that give their effect back to the socket when cancelled.
// Reference: asyncio/proactor_events.py; CONTRACT: cancellation loses nothing.
#pragma once

#include <asyncio/core/operation_wait.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/detail/scope_exit.hpp>
#include <asyncio/net/bytes_view.hpp>
#include <asyncio/net/loop_resource.hpp>
#include <asyncio/os/socket.hpp>
#include <span>
#include <string>
#include <vector>

namespace asyncio {

/// The address of a socket: IPv4, IPv6 or unix.
using os::Address;

/// One datagram, as Socket::recvfrom() gives it.
struct Datagram {
  std::string data;
  Address address;         ///< of the sender; family AF_UNSPEC where the socket has no such thing
  bool truncated = false;  ///< there was more than was asked for, and it is gone
};

/// A datagram whose bytes went into a buffer of the caller, as Socket::recvfrom_into() gives it.
struct DatagramInfo {
  std::size_t size = 0;  ///< of what is in the buffer
  Address address;       ///< of the sender, as in Datagram
  bool truncated = false;
};

namespace detail {

enum class Direction : bool { input, output };

/// What a Socket and its operations share: the descriptor, and what cancelled operations left.
class SocketState : public Pooled {
 public:
  explicit SocketState(os::Fd descriptor) noexcept : fd(std::move(descriptor)) {}
  SocketState(const SocketState&) = delete;  // operations refer to it
  SocketState& operator=(const SocketState&) = delete;

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  [[nodiscard]] bool& is_busy(Direction direction) noexcept {
    return direction == Direction::input ? reading_ : writing_;
  }

  LoopFd fd;
  std::string read_ahead;           ///< received by recv() calls that were cancelled
  std::vector<Datagram> datagrams;  ///< received by calls that were cancelled
  int datagram_error = 0;           ///< an errno met behind a datagram that was given to a caller
  std::vector<os::Fd> accepted;     ///< by accept() calls that were cancelled
  bool input_is_drained = false;    ///< the last read gave less than it asked for

 private:
  ~SocketState() = default;
  std::uint32_t refs_ = 0;
  bool reading_ = false;  // an operation of that direction exists and was not resumed yet
  bool writing_ = false;
};

/// Who gets the effect of an operation that succeeded although it was cancelled.
enum class CancelledEffect : bool {
  delivered,  ///< the await gives it; the CancelledError is raised at the next suspension
  kept        ///< the socket keeps it for the next call; the CancelledError is raised at once
};

/// One operation of a socket, which has one reader and one writer at a time.
class SocketOperation : public OperationWait {
 protected:
  SocketOperation(Ref<SocketState> socket, Direction direction, CancelledEffect effect) noexcept
      : socket_(std::move(socket)), direction_(direction), cancelled_effect_(effect) {}
  ~SocketOperation() { leave(); }

  /// Takes the direction. Throws: RuntimeError if another operation has it; EBADF.
  void begin() {
    if (!socket_->fd.is_open()) os::throw_system_error(EBADF, "the socket is closed");
    if (socket_->is_busy(direction_))
      throw RuntimeError(direction_ == Direction::input
                             ? "asyncio: another task is already waiting for input of this socket"
                             : "asyncio: another task is already sending on this socket");
    EventLoop& loop = get_running_loop();
    use(loop.backend_interface());
    socket_->fd.use_in(loop);
    socket_->is_busy(direction_) = entered_ = true;
  }

  /// The effect (>= 0). Throws: CancelledError; the error of the call `what`.
  int finish(std::string_view what) {
    leave();
    if (result < 0) [[unlikely]]
      throw_failure(what);
    if (was_suspended()) finish_suspended();
    return result;
  }

  /// Gives the effect to the socket (CancelledEffect::kept).
  virtual void keep_effect() {}

  Ref<SocketState> socket_;

 private:
  void leave() noexcept {
    if (std::exchange(entered_, false)) socket_->is_busy(direction_) = false;
  }

  void finish_suspended() {
    take_answer();
    if (cancelled_effect_ == CancelledEffect::delivered) return postpone_cancel();
    bool is_delivered = false;
    auto keep = [&] {
      if (!is_delivered) keep_effect();
    };
    ScopeExit kept(keep);
    throw_if_cancelled();
    is_delivered = true;
  }

  [[noreturn]] __attribute__((noinline)) void throw_failure(std::string_view what) {
    take_answer();
    throw_if_cancelled();
    // Stopped, and not by us: the socket was closed under the operation.
    const bool was_closed = result == -ECANCELED;
    os::throw_system_error(was_closed ? EBADF : -result, what);
  }

  Direction direction_;
  CancelledEffect cancelled_effect_;
  bool entered_ = false;  // the direction is ours
};

}  // namespace detail
}  // namespace asyncio

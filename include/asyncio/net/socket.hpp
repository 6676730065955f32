// Socket: a descriptor that never blocks, with awaitable calls.
// Reference: Python's socket.socket and the loop's sock_* methods.
#pragma once

#include <asyncio/net/datagram_calls.hpp>
#include <asyncio/net/deferred.hpp>
#include <asyncio/net/socket_calls.hpp>

namespace asyncio {

/// A look at a socket that somebody else owns: no closing, no sending, no receiving.
class SocketView {
 public:
  explicit SocketView(int fd) noexcept : fd_(fd) {}

  /// The descriptor, which stays its owner's.
  [[nodiscard]] int fileno() const noexcept { return fd_; }
  /// The address that it is bound to. Throws: std::system_error.
  [[nodiscard]] Address local_address() const { return os::local_address(fd_); }
  /// The address that it is connected to. Throws: std::system_error, ENOTCONN if it is not.
  [[nodiscard]] Address peer_address() const { return os::peer_address(fd_); }
  /// AF_INET, AF_INET6 or AF_UNIX.
  [[nodiscard]] int family() const { return os::get_option(fd_, SOL_SOCKET, SO_DOMAIN); }
  /// SOCK_STREAM or SOCK_DGRAM.
  [[nodiscard]] int type() const { return os::get_option(fd_, SOL_SOCKET, SO_TYPE); }
  /// The value of an option that is an int. Throws: std::system_error.
  [[nodiscard]] int getsockopt(int level, int name) const {
    return os::get_option(fd_, level, name);
  }
  /// Sets an option that is an int. Throws: std::system_error.
  void setsockopt(int level, int name, int value) const { os::set_option(fd_, level, name, value); }

 private:
  int fd_;
};

/// How a listening socket is made.
struct ListenOptions {
  int backlog = 100;
  bool reuse_address = true;
  bool reuse_port = false;
};

/// Owns a socket. Every call may be awaited by one task per direction at a time; a second one gets
/// a RuntimeError. What a call says about cancellation holds on every backend.
/// Threads: of one loop, the one where its calls are awaited.
/// Lifetime: buffers given to a call must outlive its await; the Socket itself need not.
class Socket {
 public:
  /// Owns nothing; only assignment and is_open() are allowed.
  Socket() noexcept = default;
  /// Takes over a descriptor, which must be in non-blocking mode.
  explicit Socket(os::Fd fd) : state_(new detail::SocketState(std::move(fd))) {}
  /// A new socket. Throws: std::system_error.
  Socket(int family, int type, int protocol = 0)
      : Socket(os::make_socket(family, type, protocol)) {}
  Socket(Socket&& other) noexcept = default;
  Socket& operator=(Socket&& other) noexcept {
    close();
    state_ = std::move(other.state_);
    return *this;
  }
  ~Socket() { close(); }

  /// A bound and listening stream socket; an IPv6 one takes no IPv4 connections. Port 0: a free one.
  /// Throws: std::system_error that names the address.
  [[nodiscard]] static Socket listen(const Address& address, const ListenOptions& options = {}) {
    Socket socket(address.family(), SOCK_STREAM);
    const bool is_internet = address.family() != AF_UNIX;
    if (options.reuse_address && is_internet) os::set_reuse_address(socket.fileno());
    if (options.reuse_port) os::set_reuse_port(socket.fileno());
    if (address.family() == AF_INET6) os::set_v6_only(socket.fileno());
    os::bind(socket.fileno(), address);
    os::listen(socket.fileno(), options.backlog);
    return socket;
  }

  /// Two connected unix sockets.
  [[nodiscard]] static std::pair<Socket, Socket> pair(int type = SOCK_STREAM) {
    auto [first, second] = os::socket_pair(type);
    return {Socket(std::move(first)), Socket(std::move(second))};
  }

  /// Gives the next connection.
  /// Throws: std::system_error, for instance EMFILE or ECONNABORTED.
  /// Cancellation: a connection that arrives all the same is given by the next accept().
  [[nodiscard]] auto accept() { return detail::Deferred<Accept, StateRef>(state()); }

  /// Connects to `peer`. Throws: std::system_error "Connect call failed <peer>".
  /// Cancellation: closes the socket.
  [[nodiscard]] auto connect(const Address& peer) {
    return detail::Deferred<detail::Connect, StateRef, Address>(state(), peer);
  }

  /// Gives at least one byte and at most `limit`; none at the end of the stream.
  /// Cancellation: bytes that arrive all the same are given by the next recv().
  /// Cost: the string.
  [[nodiscard]] auto recv(std::size_t limit) {
    return detail::Deferred<detail::Recv, StateRef, std::size_t>(state(), limit);
  }
  /// The same into `target`. Returns: how many bytes; 0 at the end of the stream.
  [[nodiscard]] auto recv_into(std::span<std::byte> target) {
    return detail::Deferred<detail::RecvInto, StateRef, std::span<std::byte>>(state(), target);
  }

  /// Sends at least one byte. Returns: how many.
  /// Cancellation: if bytes were sent their number is given, and the CancelledError raised at the
  /// next suspension.
  [[nodiscard]] auto send(BytesView bytes) {
    return detail::Deferred<detail::Send, StateRef, BytesView>(state(), bytes);
  }
  /// Sends everything. Cancellation: an unknown part of it was sent.
  [[nodiscard]] auto send_all(BytesView bytes) {
    return detail::Deferred<detail::SendAll, StateRef, BytesView>(state(), bytes);
  }

  /// Sends one datagram. Returns: its size.
  [[nodiscard]] auto sendto(BytesView bytes, const Address& peer) {
    return detail::Deferred<detail::SendTo, StateRef, BytesView, Address>(state(), bytes, peer);
  }
  /// Gives one datagram, at most `limit` bytes of it; an empty one is no end of anything.
  /// Cancellation: a datagram that arrives all the same is given by the next recvfrom().
  [[nodiscard]] auto recvfrom(std::size_t limit) {
    return detail::Deferred<detail::RecvFrom, StateRef, std::size_t>(state(), limit);
  }
  /// The same into `target`.
  [[nodiscard]] auto recvfrom_into(std::span<std::byte> target) {
    return detail::Deferred<detail::RecvFromInto, StateRef, std::span<std::byte>>(state(), target);
  }

  /// The descriptor; -1 once closed.
  [[nodiscard]] int fileno() const noexcept { return state_ ? state_->fd.get() : -1; }
  /// Was not closed, moved from or released.
  [[nodiscard]] bool is_open() const noexcept { return state_ && state_->fd.is_open(); }
  /// The address that it is bound to. Throws: std::system_error.
  [[nodiscard]] Address local_address() const { return os::local_address(fileno()); }
  /// The address that it is connected to. Throws: std::system_error, ENOTCONN if it is not.
  [[nodiscard]] Address peer_address() const { return os::peer_address(fileno()); }
  /// Sends small packets at once (TCP_NODELAY).
  void set_no_delay() { os::set_no_delay(fileno()); }
  /// Gives it a local address; port 0 means any. Throws: std::system_error that names the address.
  void bind(const Address& address) { os::bind(fileno(), address); }
  /// Sends the end of the stream; receiving goes on.
  void shutdown_write() { os::shutdown_write(fileno()); }

  /// Closes. A call that is awaited elsewhere fails with EBADF; the peer sees the end. Idempotent.
  void close() noexcept {
    if (state_) state_->fd.close();
  }

  /// Gives the descriptor away. Needs: no call under way. What cancelled calls left behind is had
  /// by take_read_ahead() and take_accepted(), before.
  [[nodiscard]] os::Fd release() noexcept { return state_->fd.release(); }
  /// Bytes that recv() calls received which were cancelled.
  [[nodiscard]] std::string take_read_ahead() noexcept {
    return std::exchange(state_->read_ahead, {});
  }
  /// Connections that accept() calls accepted which were cancelled.
  [[nodiscard]] std::vector<os::Fd> take_accepted() noexcept {
    return std::exchange(state_->accepted, {});
  }

 private:
  using StateRef = detail::Ref<detail::SocketState>;

  class Accept {
   public:
    explicit Accept(StateRef state) noexcept : accept_(std::move(state)) {}
    bool await_ready() { return accept_.await_ready(); }
    void suspend(detail::PromiseBase& frame) noexcept { accept_.suspend(frame); }
    Socket await_resume() { return Socket(accept_.await_resume()); }

   private:
    detail::AcceptFd accept_;
  };

  [[nodiscard]] const StateRef& state() const {
    if (!state_) os::throw_system_error(EBADF, "the socket is closed");
    return state_;
  }

  StateRef state_;  // null after a move
};

namespace detail {

inline void require_stream(const Socket& socket) {
  if (SocketView(socket.fileno()).type() != SOCK_STREAM)
    throw std::invalid_argument("A Stream Socket was expected");
}

}  // namespace detail
}  // namespace asyncio

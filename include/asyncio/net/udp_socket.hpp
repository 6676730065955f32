// UdpSocket: datagrams over IPv4 and IPv6, one at a time or many.
// Reference: udp(7); Python has datagram endpoints of callbacks instead.
#pragma once

#include <asyncio/net/batch_calls.hpp>
#include <asyncio/net/socket.hpp>
#include <asyncio/os/multicast.hpp>

namespace asyncio {

/// How a UdpSocket is made.
struct UdpOptions {
  bool reuse_port = false;  ///< several sockets may have the port; all get what is sent to a group
  bool broadcast = false;   ///< it may send to broadcast addresses
};

/// Owns a UDP socket. Its calls may be awaited by one task per direction at a time; a second one
/// gets a RuntimeError. Nothing is queued beyond the kernel's buffers: a datagram that finds them
/// full is dropped on receipt, and waits when it is sent.
///
/// A datagram for a port where nobody listens is answered by an error: on a connected socket the
/// next call throws it (ECONNREFUSED), once, and the call after that goes on.
/// Threads: of one loop, the one where its calls are awaited.
/// Lifetime: buffers and batches given to a call must outlive its await; the UdpSocket need not.
class UdpSocket {
  using StateRef = detail::Ref<detail::SocketState>;

 public:
  /// More than any datagram has.
  static constexpr std::size_t max_size = 65536;

  /// Owns nothing; only assignment and is_open() are allowed.
  UdpSocket() noexcept = default;
  /// A new socket of AF_INET or AF_INET6, which gets a port when it sends. Throws:
  /// std::system_error.
  explicit UdpSocket(int family, const UdpOptions& options = {})
      : UdpSocket(os::make_socket(family, SOCK_DGRAM)) {
    if (options.reuse_port) os::set_reuse_port(fileno());
    if (options.broadcast) set_broadcast(true);
  }
  /// Takes over a datagram socket, which must be in non-blocking mode.
  /// Throws: std::invalid_argument for a socket of another type.
  explicit UdpSocket(os::Fd fd) {
    if (os::get_option(fd.get(), SOL_SOCKET, SO_TYPE) != SOCK_DGRAM)
      throw std::invalid_argument("A datagram socket was expected");
    state_ = StateRef(new detail::SocketState(std::move(fd)));
  }
  UdpSocket(UdpSocket&& other) noexcept = default;
  UdpSocket& operator=(UdpSocket&& other) noexcept {
    close();
    state_ = std::move(other.state_);
    return *this;
  }
  ~UdpSocket() { close(); }

  /// A socket that receives what is sent to `local`. Port 0: a free one.
  /// Throws: std::system_error that names the address.
  [[nodiscard]] static UdpSocket bind(const Address& local, const UdpOptions& options = {}) {
    UdpSocket socket(local.family(), options);
    os::bind(socket.fileno(), local);
    return socket;
  }
  /// A socket that talks to `peer` only.
  /// Throws: std::system_error that names the address.
  [[nodiscard]] static UdpSocket connected(const Address& peer, const UdpOptions& options = {}) {
    UdpSocket socket(peer.family(), options);
    socket.connect(peer);
    return socket;
  }
  /// From now on send() goes to `peer`, and only what `peer` sends is received. Does not wait.
  void connect(const Address& peer) {
    const int result = os::try_connect(state()->fd.get(), peer.data(), peer.size());
    if (result < 0) os::throw_system_error(-result, "Connect call failed " + peer.to_string());
  }

  /// Sends one datagram, which may be empty. Waits while the kernel's buffer is full.
  /// Returns: its size. Throws: std::system_error, for instance EMSGSIZE, that names `peer`.
  /// Cancellation: if it was sent, its size is given, and the CancelledError raised at the next
  /// suspension.
  [[nodiscard]] auto sendto(BytesView bytes, const Address& peer) {
    return detail::Deferred<detail::SendTo, StateRef, BytesView, Address>(state(), bytes, peer);
  }
  /// The same to the peer of a connected socket.
  [[nodiscard]] auto send(BytesView bytes) {
    return detail::Deferred<detail::Send, StateRef, BytesView>(state(), bytes);
  }
  /// Sends the datagrams of a batch in order, with few system calls.
  /// Returns: how many were sent; fewer than all if one failed, and then at least one. The error is
  /// thrown by the call that has that one first.
  /// Cancellation: if some were sent their number is given, and the CancelledError raised at the
  /// next suspension.
  [[nodiscard]] auto send_many(DatagramBatch& batch) {
    return detail::Deferred<detail::SendMany, StateRef, DatagramBatch*>(state(), &batch);
  }

  /// Gives one datagram, at most `limit` bytes of it: Datagram::truncated tells if there were more.
  /// An empty one is no end of anything.
  /// Cancellation: a datagram that arrives all the same is given by the next call that receives.
  /// Cost: the string, at first of `limit` bytes.
  [[nodiscard]] auto recvfrom(std::size_t limit = max_size) {
    return detail::Deferred<detail::RecvFrom, StateRef, std::size_t>(state(), limit);
  }
  /// The same into `target`.
  [[nodiscard]] auto recvfrom_into(std::span<std::byte> target) {
    return detail::Deferred<detail::RecvFromInto, StateRef, std::span<std::byte>>(state(), target);
  }
  /// The same for a connected socket: the bytes only.
  /// Throws: std::system_error (EMSGSIZE) if there were more than `limit`; the datagram is lost.
  [[nodiscard]] auto recv(std::size_t limit = max_size) {
    return detail::Deferred<detail::RecvWhole, StateRef, std::size_t>(state(), limit);
  }
  /// Fills a batch with what has come, at least one datagram. What the batch held is gone.
  /// Returns: how many. Cancellation: as recvfrom().
  [[nodiscard]] auto recv_many(DatagramBatch& batch) {
    return detail::Deferred<detail::RecvMany, StateRef, DatagramBatch*>(state(), &batch);
  }

  /// Receives what is sent to `group`, on the interface of that name or one that the kernel
  /// chooses. Throws: std::system_error that names them.
  void join_group(const Address& group, const std::string& interface_name = {}) {
    os::change_membership(state()->fd.get(), os::Membership::join, group, interface_name);
  }
  /// Throws: std::system_error (EADDRNOTAVAIL) if it is no member.
  void leave_group(const Address& group, const std::string& interface_name = {}) {
    os::change_membership(state()->fd.get(), os::Membership::leave, group, interface_name);
  }
  /// The interface by which datagrams to groups leave.
  void set_multicast_interface(const std::string& name) {
    os::set_multicast_interface(state()->fd.get(), name);
  }
  /// How many routers a datagram to a group may pass; 1 at first: it stays in the local network.
  void set_multicast_ttl(int hops) { os::set_multicast_ttl(state()->fd.get(), hops); }
  /// Whether members on this machine get what is sent to their group; true at first.
  void set_multicast_loop(bool enabled) { os::set_multicast_loop(state()->fd.get(), enabled); }
  /// How many routers any other datagram may pass.
  void set_ttl(int hops) { os::set_ttl(state()->fd.get(), hops); }
  /// Whether it may send to broadcast addresses; otherwise that fails by EACCES.
  void set_broadcast(bool enabled) {
    os::set_option(state()->fd.get(), SOL_SOCKET, SO_BROADCAST, enabled ? 1 : 0);
  }

  /// The descriptor; -1 once closed.
  [[nodiscard]] int fileno() const noexcept { return state_ ? state_->fd.get() : -1; }
  /// It owns a socket that was not closed.
  [[nodiscard]] bool is_open() const noexcept { return state_ && state_->fd.is_open(); }
  /// What it is bound to; the port is 0 before it has sent anything.
  [[nodiscard]] Address local_address() const { return os::local_address(fileno()); }
  /// Throws: std::system_error (ENOTCONN) if it is not connected.
  [[nodiscard]] Address remote_address() const { return os::peer_address(fileno()); }
  /// For options that have no function of their own.
  [[nodiscard]] SocketView view() const noexcept { return SocketView(fileno()); }

  /// Closes. A call that is awaited elsewhere fails with EBADF. Idempotent.
  void close() noexcept {
    if (state_) state_->fd.close();
  }

 private:
  [[nodiscard]] const StateRef& state() const {
    if (!state_) os::throw_system_error(EBADF, "the socket is closed");
    return state_;
  }

  StateRef state_;  // null after a move
};

}  // namespace asyncio

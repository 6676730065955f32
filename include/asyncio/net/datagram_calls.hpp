// The calls of a socket that send and receive one datagram, each as a leaf.
// Reference:
// https://docs.python.org/3/library/asyncio-eventloop.html#working-with-socket-objects-directly
#pragma once

#include <algorithm>
#include <asyncio/net/socket_operation.hpp>

namespace asyncio::detail {

/// A msghdr with one buffer and one address.
class Message {
 public:
  Message(void* data, std::size_t size, const Address& peer) noexcept
      : address(peer), buffer_{data, size} {
    header.msg_iov = &buffer_;
    header.msg_iovlen = 1;
  }
  Message(const Message&) = delete;  // the header points into it
  Message& operator=(const Message&) = delete;

  void expect_address() noexcept {
    header.msg_name = address.storage();
    header.msg_namelen = Address::capacity();
  }
  void send_to_address() noexcept {
    header.msg_name = address.storage();
    header.msg_namelen = address.size();
  }
  [[nodiscard]] std::string_view first_bytes(std::size_t size) const noexcept {
    return {static_cast<const char*>(buffer_.iov_base), size};
  }
  /// Copies what fits.
  std::size_t fill(std::string_view bytes) noexcept {
    return bytes.copy(static_cast<char*>(buffer_.iov_base), buffer_.iov_len);
  }

  Address address;
  msghdr header{};

 private:
  iovec buffer_;
};

/// Sends one datagram.
class SendTo final : public SocketOperation {
 public:
  SendTo(Ref<SocketState> socket, BytesView bytes, const Address& peer) noexcept
      : SocketOperation(std::move(socket), Direction::output, CancelledEffect::delivered),
        // Safe because sendmsg does not write to the buffer.
        message_(const_cast<char*>(bytes.data()), bytes.size(), peer) {}

  bool await_ready() {
    begin();
    message_.send_to_address();
    prepare_sendmsg(*this, socket_->fd.get(), &message_.header);
    return attempt();
  }
  std::size_t await_resume() {
    return static_cast<std::size_t>(finish("send to " + message_.address.to_string()));
  }

 private:
  Message message_;
};

/// A call that receives datagrams. What earlier calls have left comes first.
class DatagramReceive : public SocketOperation {
 protected:
  explicit DatagramReceive(Ref<SocketState> socket) noexcept
      : SocketOperation(std::move(socket), Direction::input, CancelledEffect::kept) {}
  ~DatagramReceive() = default;

  [[nodiscard]] bool is_something_left() const noexcept {
    return !socket_->datagrams.empty() || socket_->datagram_error != 0;
  }
  /// Needs: is_something_left(). Throws: the error that was left.
  [[nodiscard]] Datagram take_left() {
    if (socket_->datagrams.empty())
      os::throw_system_error(std::exchange(socket_->datagram_error, 0), "recvfrom");
    Datagram first = std::move(socket_->datagrams.front());
    socket_->datagrams.erase(socket_->datagrams.begin());
    return first;
  }
};

/// Receives one datagram into the caller's buffer.
class RecvFromInto final : public DatagramReceive {
 public:
  RecvFromInto(Ref<SocketState> socket, std::span<std::byte> target) noexcept
      : DatagramReceive(std::move(socket)), message_(target.data(), target.size(), Address()) {}

  bool await_ready() {
    begin();
    if (is_something_left()) return true;
    message_.expect_address();
    prepare_recvmsg(*this, socket_->fd.get(), &message_.header);
    return attempt();
  }
  DatagramInfo await_resume() {
    if (state == OperationState::idle) return fill_from(take_left());
    finish("recvfrom");
    return received();
  }

 private:
  void keep_effect() override {
    const DatagramInfo got = received();
    socket_->datagrams.push_back(
        {std::string(message_.first_bytes(got.size)), got.address, got.truncated});
  }

  DatagramInfo fill_from(const Datagram& datagram) noexcept {
    const std::size_t count = message_.fill(datagram.data);
    return {count, datagram.address, datagram.truncated || count < datagram.data.size()};
  }
  DatagramInfo received() noexcept {
    message_.address.resize(message_.header.msg_namelen);
    return {static_cast<std::size_t>(result), message_.address,
            (message_.header.msg_flags & MSG_TRUNC) != 0};
  }

  Message message_;
};

/// Receives one datagram into a string of its own.
class RecvFrom final {
 public:
  RecvFrom(Ref<SocketState> socket, std::size_t limit)
      : bytes_(limit, '\0'), into_(std::move(socket), std::as_writable_bytes(std::span(bytes_))) {}

  bool await_ready() { return into_.await_ready(); }
  void suspend(PromiseBase& frame) noexcept { into_.suspend(frame); }
  Datagram await_resume() {
    const DatagramInfo got = into_.await_resume();
    bytes_.resize(got.size);
    // Who collects small datagrams shall not hold room for large ones.
    if (got.size < bytes_.capacity() / 4) bytes_.shrink_to_fit();
    return {std::move(bytes_), got.address, got.truncated};
  }

 private:
  std::string bytes_;
  RecvFromInto into_;
};

/// The same for who knows the sender, and takes no part of a datagram.
class RecvWhole final {
 public:
  RecvWhole(Ref<SocketState> socket, std::size_t limit) : from_(std::move(socket), limit) {}

  bool await_ready() { return from_.await_ready(); }
  void suspend(PromiseBase& frame) noexcept { from_.suspend(frame); }
  std::string await_resume() {
    Datagram datagram = from_.await_resume();
    if (datagram.truncated)
      os::throw_system_error(EMSGSIZE, "recv: a datagram was longer than the limit, and is lost");
    return std::move(datagram.data);
  }

 private:
  RecvFrom from_;
};

}  // namespace asyncio::detail

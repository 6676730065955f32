// Each call of a Socket as a leaf: what it asks of the kernel, and what it makes of the answer.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#working-with-socket-objects-directly
#pragma once

#include <asyncio/net/socket_operation.hpp>

namespace asyncio::detail {

/// Receives into the caller's buffer.
class RecvInto final : public SocketOperation {
 public:
  RecvInto(Ref<SocketState> socket, std::span<std::byte> target) noexcept
      : SocketOperation(std::move(socket), Direction::input, CancelledEffect::kept),
        target_(target) {}

  bool await_ready() {
    begin();
    if (!socket_->read_ahead.empty() || target_.empty()) {
      result = static_cast<int>(serve_read_ahead());
      return true;
    }
    prepare_recv(*this, socket_->fd.get(), target_.data(), target_.size());
    // After a short read an attempt is most likely a system call for nothing.
    return !socket_->input_is_drained && attempt();
  }
  std::size_t await_resume() {
    const auto count = static_cast<std::size_t>(finish("recv"));
    socket_->input_is_drained = count != 0 && count < target_.size();
    return count;
  }

 private:
  // Safe because any object may be looked at, and bytes written, as characters.
  void keep_effect() override {
    socket_->read_ahead.append(reinterpret_cast<const char*>(target_.data()),
                               static_cast<std::size_t>(result));
  }
  std::size_t serve_read_ahead() noexcept {
    std::string& kept = socket_->read_ahead;
    const std::size_t count = kept.copy(reinterpret_cast<char*>(target_.data()), target_.size());
    kept.erase(0, count);
    return count;
  }

  std::span<std::byte> target_;
};

/// Receives into a string of its own.
class Recv final {
 public:
  Recv(Ref<SocketState> socket, std::size_t limit)
      : bytes_(limit, '\0'), into_(std::move(socket), std::as_writable_bytes(std::span(bytes_))) {}

  bool await_ready() { return into_.await_ready(); }
  void suspend(PromiseBase& frame) noexcept { into_.suspend(frame); }
  std::string await_resume() {
    bytes_.resize(into_.await_resume());
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  RecvInto into_;
};

/// Sends once; perhaps not all.
class Send final : public SocketOperation {
 public:
  Send(Ref<SocketState> socket, BytesView bytes) noexcept
      : SocketOperation(std::move(socket), Direction::output, CancelledEffect::delivered),
        bytes_(bytes) {}

  bool await_ready() {
    begin();
    prepare_send(*this, socket_->fd.get(), bytes_.data(), bytes_.size());
    return attempt();
  }
  std::size_t await_resume() { return static_cast<std::size_t>(finish("send")); }

 private:
  BytesView bytes_;
};

/// Sends everything, without resuming the task in between.
class SendAll final : public SocketOperation {
 public:
  SendAll(Ref<SocketState> socket, BytesView bytes) noexcept
      : SocketOperation(std::move(socket), Direction::output, CancelledEffect::delivered),
        bytes_(bytes) {}

  bool await_ready() {
    begin();
    while (sent_ < bytes_.size()) {
      prepare_rest();
      if (!attempt()) return false;
      if (result < 0) return true;
      sent_ += static_cast<std::size_t>(result);
    }
    result = 0;
    return true;
  }
  void await_resume() { finish("send"); }

 private:
  void prepare_rest() noexcept {
    const std::string_view rest = bytes_.view().substr(sent_);
    prepare_send(*this, socket_->fd.get(), rest.data(), rest.size());
  }
  bool goes_on() noexcept override {
    if (result < 0) return false;
    sent_ += static_cast<std::size_t>(result);
    if (sent_ == bytes_.size()) return false;
    if (is_cancel_requested() || !socket_->fd.is_open()) {
      result = -ECANCELED;
      return false;
    }
    prepare_rest();
    backend().submit(*this);
    return true;
  }

  BytesView bytes_;
  std::size_t sent_ = 0;
};

/// Takes a connection from a listening socket.
class AcceptFd final : public SocketOperation {
 public:
  explicit AcceptFd(Ref<SocketState> socket) noexcept
      : SocketOperation(std::move(socket), Direction::input, CancelledEffect::kept) {}
  ~AcceptFd() {
    if (!is_taken_ && state == OperationState::done && result >= 0)
      os::close_fd(std::exchange(result, -1));
  }

  bool await_ready() {
    begin();
    if (!socket_->accepted.empty()) return true;
    socket_->accepted.reserve(1);  // so that keep_effect() cannot fail
    prepare_accept(*this, socket_->fd.get());
    return attempt();
  }
  os::Fd await_resume() {
    if (state == OperationState::idle) return take_kept();
    finish("accept");
    is_taken_ = true;
    return os::Fd(result);
  }

 private:
  void keep_effect() override {
    is_taken_ = true;
    socket_->accepted.emplace_back(result);
  }
  os::Fd take_kept() {
    os::Fd first = std::move(socket_->accepted.front());
    socket_->accepted.erase(socket_->accepted.begin());
    return first;
  }

  bool is_taken_ = false;  // the accepted descriptor has an owner
};

/// Connects. A socket whose connect() was cancelled is closed: its state is undefined.
class Connect final : public SocketOperation {
 public:
  Connect(Ref<SocketState> socket, const Address& peer) noexcept
      : SocketOperation(std::move(socket), Direction::output, CancelledEffect::kept), peer_(peer) {}

  bool await_ready() {
    begin();
    prepare_connect(*this, socket_->fd.get(), peer_.data(), peer_.size());
    return false;
  }
  void await_resume() {
    bool is_connected = false;
    auto close = [&] {
      if (!is_connected && (is_cancel_requested() || result >= 0)) socket_->fd.close();
    };
    ScopeExit close_cancelled(close);
    finish("Connect call failed " + peer_.to_string());
    is_connected = true;
  }

 private:
  Address peer_;
};

}  // namespace asyncio::detail

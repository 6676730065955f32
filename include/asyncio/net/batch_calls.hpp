// The calls of a socket that send and receive several datagrams, each as a leaf.
// Reference: recvmmsg(2), sendmmsg(2).
#pragma once

#include <asyncio/backend/datagram_operations.hpp>
#include <asyncio/net/datagram_batch.hpp>
#include <asyncio/net/datagram_calls.hpp>

namespace asyncio::detail {

/// Receives what is there, at least one datagram. To wait, it asks the kernel for the first one and
/// takes those behind it when it comes.
class RecvMany final : public DatagramReceive {
 public:
  RecvMany(Ref<SocketState> socket, DatagramBatch* batch) noexcept
      : DatagramReceive(std::move(socket)), batch_(batch) {}

  bool await_ready() {
    begin();
    batch_->clear();
    if (is_something_left()) return true;
    const std::span<mmsghdr> slots = batch_->free_slots();
    prepare_recvmmsg(*this, socket_->fd.get(), slots);
    if (attempt()) return true;
    prepare_recvmsg(*this, socket_->fd.get(), &slots.front().msg_hdr);
    return false;
  }
  std::size_t await_resume() {
    if (state == OperationState::idle) {
      take_what_is_left();
    } else {
      const auto count = static_cast<std::size_t>(finish("recvmmsg"));
      if (was_suspended())
        take_first_and_more(count);
      else
        batch_->received(count);
    }
    return batch_->size();
  }

 private:
  void keep_effect() override {
    batch_->received_one(static_cast<std::size_t>(result));
    const DatagramView first = (*batch_)[0];
    batch_->clear();
    socket_->datagrams.push_back({std::string(first.data), first.address, first.truncated});
  }

  void take_what_is_left() {
    do {
      const Datagram left = take_left();
      batch_->put(left.data, left.address,
                  left.truncated ? DatagramBatch::Whole::no : DatagramBatch::Whole::yes);
    } while (!socket_->datagrams.empty() && batch_->size() < batch_->capacity());
  }
  void take_first_and_more(std::size_t first_size) noexcept {
    batch_->received_one(first_size);
    if (batch_->size() == batch_->capacity() || !socket_->fd.is_open()) return;
    prepare_recvmmsg(*this, socket_->fd.get(), batch_->free_slots());
    if (!attempt()) return;
    if (result >= 0)
      batch_->received(static_cast<std::size_t>(result));
    else
      socket_->datagram_error = -result;
  }

  DatagramBatch* batch_;
};

/// Sends every datagram of a batch, without resuming the task in between.
class SendMany final : public SocketOperation {
 public:
  SendMany(Ref<SocketState> socket, DatagramBatch* batch) noexcept
      : SocketOperation(std::move(socket), Direction::output, CancelledEffect::delivered),
        messages_(batch->to_send()) {}

  bool await_ready() {
    begin();
    return send_what_goes();
  }
  std::size_t await_resume() {
    if (sent_ != 0) result = static_cast<int>(sent_);  // what stopped it stops the next call too
    return static_cast<std::size_t>(finish("sendmmsg"));
  }

 private:
  /// False: the next datagram has to wait, and the operation for it is prepared.
  bool send_what_goes() noexcept {
    while (sent_ < messages_.size()) {
      prepare_sendmmsg(*this, socket_->fd.get(), messages_.subspan(sent_));
      if (!attempt()) {
        prepare_sendmsg(*this, socket_->fd.get(), &messages_[sent_].msg_hdr);
        return false;
      }
      if (result < 0) return true;
      sent_ += static_cast<std::size_t>(result);
    }
    return true;
  }
  bool goes_on() noexcept override {
    if (result < 0) return false;
    ++sent_;
    if (is_cancel_requested() || !socket_->fd.is_open() || send_what_goes()) return false;
    backend().submit(*this);
    return true;
  }

  std::span<mmsghdr> messages_;
  std::size_t sent_ = 0;
};

}  // namespace asyncio::detail

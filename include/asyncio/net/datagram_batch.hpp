// DatagramBatch: room for several datagrams, which one system call fills or sends.
// Reference: recvmmsg(2), sendmmsg(2); Python has nothing like it.
#pragma once

#include <asyncio/net/bytes_view.hpp>
#include <asyncio/os/address.hpp>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <sys/socket.h>

namespace asyncio {

/// A datagram of a DatagramBatch. `data` is valid as long as the batch is not changed.
struct DatagramView {
  std::string_view data;
  os::Address address;     ///< of the sender or the receiver; family AF_UNSPEC: of the connection
  bool truncated = false;  ///< there was more than fits in a slot, and it is gone
};

/// Datagrams to be sent by UdpSocket::send_many(), or received by recv_many(). Made once and used
/// again and again, it costs no allocation; what was received can be sent back as it is.
/// Movable; not while a call uses it.
class DatagramBatch {
 public:
  /// Room for `capacity` datagrams of up to `datagram_size` bytes.
  /// Throws: std::invalid_argument for a capacity of zero.
  explicit DatagramBatch(std::size_t capacity, std::size_t datagram_size = 2048)
      : datagram_size_(datagram_size),
        bytes_(std::make_unique_for_overwrite<char[]>(capacity * datagram_size)),
        addresses_(capacity),
        buffers_(capacity),
        messages_(capacity) {
    if (capacity == 0) throw std::invalid_argument("a DatagramBatch needs room");
    for (std::size_t i = 0; i < capacity; ++i) {
      buffers_[i].iov_base = bytes_.get() + i * datagram_size;
      messages_[i].msg_hdr.msg_iov = &buffers_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  /// How many datagrams it holds.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// It holds none.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// How many it may hold.
  [[nodiscard]] std::size_t capacity() const noexcept { return messages_.size(); }
  /// How many bytes each of them may have.
  [[nodiscard]] std::size_t datagram_size() const noexcept { return datagram_size_; }

  /// The datagram at `index`, which must be below size().
  [[nodiscard]] DatagramView operator[](std::size_t index) const noexcept {
    return {view(index), addresses_[index], (messages_[index].msg_hdr.msg_flags & MSG_TRUNC) != 0};
  }

  /// Goes through the datagrams, first to last.
  class Iterator {
   public:
    using value_type = DatagramView;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    Iterator(const DatagramBatch& batch, std::size_t index) noexcept
        : batch_(&batch), index_(index) {}
    DatagramView operator*() const noexcept { return (*batch_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept = default;

   private:
    const DatagramBatch* batch_ = nullptr;
    std::size_t index_ = 0;
  };
  /// For a loop over the datagrams.
  [[nodiscard]] Iterator begin() const noexcept { return {*this, 0}; }
  /// Behind the last one.
  [[nodiscard]] Iterator end() const noexcept { return {*this, size_}; }

  /// Drops the datagrams; the room stays.
  void clear() noexcept { size_ = 0; }
  /// Appends a copy of `data`, to be sent to `peer`, or to the peer of a connected socket.
  /// Throws: std::length_error if the batch is full or `data` does not fit in a slot.
  void add(BytesView data, const os::Address& peer = {}) {
    if (size_ == capacity()) throw std::length_error("the DatagramBatch is full");
    if (data.size() > datagram_size_)
      throw std::length_error("a datagram does not fit in a slot of the DatagramBatch");
    put(data.view(), peer, Whole::yes);
  }

  // The library's own use.

  /// Whether a datagram is complete.
  enum class Whole : bool { no, yes };

  /// Appends what fits of a datagram that was received earlier. Needs: room.
  void put(std::string_view data, const os::Address& peer, Whole whole) noexcept {
    msghdr& header = messages_[size_].msg_hdr;
    buffers_[size_].iov_len = data.copy(slot(size_), datagram_size_);
    header.msg_flags = whole == Whole::no || data.size() > datagram_size_ ? MSG_TRUNC : 0;
    addresses_[size_++] = peer;
  }
  /// The slots that are free, ready to receive.
  [[nodiscard]] std::span<mmsghdr> free_slots() noexcept {
    for (std::size_t i = size_; i < capacity(); ++i) {
      buffers_[i].iov_len = datagram_size_;
      messages_[i].msg_hdr.msg_name = addresses_[i].storage();
      messages_[i].msg_hdr.msg_namelen = os::Address::capacity();
    }
    return std::span(messages_).subspan(size_);
  }
  /// The kernel has filled the next `count` slots.
  void received(std::size_t count) noexcept {
    for (const std::size_t end = size_ + count; size_ < end; ++size_) {
      buffers_[size_].iov_len = messages_[size_].msg_len;
      addresses_[size_].resize(messages_[size_].msg_hdr.msg_namelen);
    }
  }
  /// The same for one, by a call that gives its length.
  void received_one(std::size_t length) noexcept {
    messages_[size_].msg_len = static_cast<unsigned>(length);
    received(1);
  }
  /// What was added, ready to be sent.
  [[nodiscard]] std::span<mmsghdr> to_send() noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
      os::Address& peer = addresses_[i];
      messages_[i].msg_hdr.msg_name = peer.size() != 0 ? peer.storage() : nullptr;
      messages_[i].msg_hdr.msg_namelen = peer.size();
    }
    return std::span(messages_).first(size_);
  }

 private:
  [[nodiscard]] char* slot(std::size_t index) noexcept {
    return bytes_.get() + index * datagram_size_;
  }
  [[nodiscard]] std::string_view view(std::size_t index) const noexcept {
    return {bytes_.get() + index * datagram_size_, buffers_[index].iov_len};
  }

  std::size_t datagram_size_;      // of a slot
  std::size_t size_ = 0;           // the first slots, which hold datagrams
  std::unique_ptr<char[]> bytes_;  // the slots
  // One each for a slot: `messages_` points at the others.
  std::vector<os::Address> addresses_;
  std::vector<iovec> buffers_;
  std::vector<mmsghdr> messages_;
};

static_assert(std::input_iterator<DatagramBatch::Iterator>);

}  // namespace asyncio

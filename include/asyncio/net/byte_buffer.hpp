// Bytes that have come and were not read yet.
// Reference: the bytearray of asyncio/streams.py, StreamReader.
#pragma once

#include <algorithm>
#include <asyncio/detail/assert.hpp>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace asyncio::detail {

/// A contiguous queue of bytes: written at the end, consumed at the front.
///
/// Invariant: begin_ <= end_ <= capacity_. Only space() moves bytes, so that the kernel may write
/// into what it gave while bytes in front of it are consumed.
class ByteBuffer {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] const char* data() const noexcept { return memory_.get() + begin_; }
  [[nodiscard]] std::string_view view() const noexcept { return {data(), size()}; }

  /// At least `wanted` bytes behind the end. Needs: nobody else holds space.
  /// Cost: keeps its memory, unless it is empty and more than twice of what is wanted.
  [[nodiscard]] std::span<char> space(std::size_t wanted) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < wanted || (empty() && capacity_ > 2 * wanted)) make_room(wanted);
    return {memory_.get() + end_, wanted};
  }
  /// The first `count` bytes of the space have been written.
  void commit(std::size_t count) noexcept {
    end_ += count;
    ASYNCIO_ASSERT(end_ <= capacity_, "more bytes were written than there was space");
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(space(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  void consume(std::size_t count) noexcept {
    begin_ += count;
    ASYNCIO_ASSERT(begin_ <= end_, "more bytes were consumed than there were");
  }
  void clear() noexcept { begin_ = end_; }

  /// The first `count` bytes, consumed.
  [[nodiscard]] std::string take(std::size_t count) {
    std::string result(data(), count);
    consume(count);
    return result;
  }
  /// Copies as much as there is and fits, and consumes it.
  std::size_t take_into(std::span<std::byte> target) noexcept {
    const std::size_t count = std::min(target.size(), size());
    if (count != 0) std::memcpy(target.data(), data(), count);
    consume(count);
    return count;
  }

  /// Gives the memory back. Needs: empty, and nobody holds space.
  void release() noexcept {
    memory_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t wanted) {
    const std::size_t used = size();
    // Moving pays when the room in front is as large as what is moved: each byte moves once.
    if (begin_ >= used && used != 0 && capacity_ - used >= wanted) {
      std::memcpy(memory_.get(), data(), used);
    } else {
      const std::size_t capacity = empty() ? wanted : std::max(used + wanted, 2 * used);
      std::unique_ptr<char[]> larger(new char[capacity]);  // not zeroed, unlike make_unique
      if (used != 0) std::memcpy(larger.get(), data(), used);
      memory_ = std::move(larger);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace asyncio::detail

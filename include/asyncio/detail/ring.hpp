// A first-in first-out buffer that grows and is then reused: a steady flow allocates nothing.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <cstddef>
#include <memory>
#include <utility>

namespace asyncio::detail {

template <class T>
class Ring {
 public:
  Ring() noexcept = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    clear();
    if (capacity_) std::allocator<T>().deallocate(slots_, capacity_);
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - first_; }
  [[nodiscard]] T& front() noexcept { return *slot(first_); }

  /// Throws: std::bad_alloc, and what moving an item throws; nothing has changed then.
  void push_back(T&& item) {
    if (size() == capacity_) [[unlikely]] grow();
    std::construct_at(slot(end_), std::move(item));
    ++end_;
  }
  void pop_front() noexcept {
    ASYNCIO_ASSERT(!empty(), "pop_front() of an empty ring");
    std::destroy_at(slot(first_));
    ++first_;
  }
  void clear() noexcept {
    while (!empty()) pop_front();
  }

 private:
  static constexpr std::size_t smallest_capacity = 8;

  T* slot(std::size_t position) noexcept { return slots_ + (position & (capacity_ - 1)); }

  /// Moves to twice the room. An item whose move may throw is copied if it can be.
  __attribute__((noinline)) void grow() {
    const std::size_t capacity = capacity_ ? 2 * capacity_ : smallest_capacity;
    T* const slots = std::allocator<T>().allocate(capacity);
    std::size_t moved = 0;
    try {
      for (; moved < size(); ++moved)
        std::construct_at(slots + moved, std::move_if_noexcept(*slot(first_ + moved)));
    } catch (...) {
      std::destroy_n(slots, moved);
      std::allocator<T>().deallocate(slots, capacity);
      throw;
    }
    clear();
    if (capacity_) std::allocator<T>().deallocate(slots_, capacity_);
    slots_ = slots;
    capacity_ = capacity;
    first_ = 0;
    end_ = moved;
  }

  T* slots_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or nothing yet
  std::size_t first_ = 0;     // positions count on for ever; a slot is a position modulo capacity_
  std::size_t end_ = 0;
};

}  // namespace asyncio::detail

// A first-in first-out buffer that grows and is then reused: a steady flow allocates nothing.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <cstddef>
#include <new>
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
    deallocate(slots_);
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - first_; }
  [[nodiscard]] T& front() noexcept { return *slot(first_); }

  /// Throws: std::bad_alloc, and what moving an item throws; nothing has changed then.
  void push_back(T&& item) {
    if (size() == capacity_) [[unlikely]]
      grow();
    ::new (static_cast<void*>(slot(end_))) T(std::move(item));
    ++end_;
  }
  void pop_front() noexcept {
    ASYNCIO_ASSERT(!empty(), "pop_front() of an empty ring");
    slot(first_)->~T();
    ++first_;
  }
  void clear() noexcept {
    while (!empty()) pop_front();
  }

 private:
  static constexpr std::size_t smallest_capacity = 8;

  // By hand: std::allocator costs 30,000 lines.
  static T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{alignof(T)}));
  }
  static void deallocate(T* slots) noexcept {
    if (slots) ::operator delete(static_cast<void*>(slots), std::align_val_t{alignof(T)});
  }

  T* slot(std::size_t position) noexcept { return slots_ + (position & (capacity_ - 1)); }

  /// Moves to twice the room. An item whose move may throw is copied if it can be.
  __attribute__((noinline)) void grow() {
    const std::size_t capacity = capacity_ ? 2 * capacity_ : smallest_capacity;
    T* const slots = allocate(capacity);
    std::size_t moved = 0;
    try {
      for (; moved < size(); ++moved)
        ::new (static_cast<void*>(slots + moved)) T(std::move_if_noexcept(*slot(first_ + moved)));
    } catch (...) {
      while (moved > 0) slots[--moved].~T();
      deallocate(slots);
      throw;
    }
    clear();
    deallocate(slots_);
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

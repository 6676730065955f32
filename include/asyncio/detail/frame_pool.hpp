// Recycled memory for coroutine frames, tasks and handles: a free list per size class and thread.
#pragma once

#include <asyncio/detail/thread_state.hpp>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define ASYNCIO_RECYCLES_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASYNCIO_RECYCLES_FRAMES 0
#endif
#endif
#if !defined(ASYNCIO_RECYCLES_FRAMES)
#define ASYNCIO_RECYCLES_FRAMES 1
#endif

namespace asyncio::detail {

/// Blocks of 64-byte classes, 64-byte aligned: compilers misplace over-aligned locals in frames
/// that are aligned less (PR 104177). Not recycled under AddressSanitizer, which must see each
/// block die, nor on a thread without a loop.
class FramePool {
 public:
  static constexpr std::size_t alignment = 64;

  [[nodiscard]] ASYNCIO_ALWAYS_INLINE static void* allocate(std::size_t size) {
    const std::size_t size_class = class_of(size);
    if (ASYNCIO_RECYCLES_FRAMES && size_class < ThreadState::size_classes) {
      ThreadState::FreeBlock*& head = thread_state.free_blocks[size_class];
      if (ThreadState::FreeBlock* block = head) {
        head = block->next;
        return block;
      }
    }
    return allocate_new(size_class);
  }

  ASYNCIO_ALWAYS_INLINE static void deallocate(void* memory, std::size_t size) noexcept {
    const std::size_t size_class = class_of(size);
    ThreadState& thread = thread_state;
    if (ASYNCIO_RECYCLES_FRAMES && size_class < ThreadState::size_classes && thread.pool_users &&
        !thread.allocation_observer) {
      thread.free_blocks[size_class] =
          ::new (memory) ThreadState::FreeBlock{thread.free_blocks[size_class]};
      return;
    }
    deallocate_now(memory);
  }

  /// Returns all recycled memory of this thread to the system.
  static void trim() noexcept {
    for (ThreadState::FreeBlock*& head : thread_state.free_blocks) {
      while (ThreadState::FreeBlock* block = head) {
        head = block->next;
        free_block(block);
      }
    }
  }

  /// While one lives, blocks freed on this thread are kept for reuse.
  class User {
   public:
    User() noexcept { ++thread_state.pool_users; }
    User(const User&) = delete;  // counted
    User& operator=(const User&) = delete;
    ~User() {
      if (--thread_state.pool_users == 0) trim();
    }
  };

 private:
  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return (size + alignment - 1) / alignment;
  }

  __attribute__((noinline)) static void* allocate_new(std::size_t size_class) {
    AllocationObserver* const observer = thread_state.allocation_observer;
    if (observer) observer->before_allocation(*observer);
    void* const memory = ::operator new(size_class * alignment, std::align_val_t{alignment});
    if (observer) ++observer->blocks_alive;
    return memory;
  }

  __attribute__((noinline)) static void deallocate_now(void* memory) noexcept {
    if (AllocationObserver* observer = thread_state.allocation_observer) --observer->blocks_alive;
    free_block(memory);
  }

  static void free_block(void* memory) noexcept {
    ::operator delete(memory, std::align_val_t{alignment});
  }
};

/// Gives a class the pool as its allocator.
struct Pooled {
  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void* operator new(std::size_t, void* place) noexcept { return place; }
  static void operator delete(void* memory, std::size_t size) noexcept {
    FramePool::deallocate(memory, size);
  }
};

}  // namespace asyncio::detail

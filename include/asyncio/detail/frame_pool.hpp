// Recycled memory for coroutine frames, tasks and handles: a free list per size class and thread.
#pragma once

#include <asyncio/detail/thread_state.hpp>
#include <cstdint>
#include <new>
#include <utility>

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

/// Memory from which blocks are cut: one allocation for many blocks, which saves the allocator's
/// cost for alignment and keeps neighbours together. Stands at an address that is a multiple of its
/// size, so that a block finds it. Freed with its last block, on whatever thread that happens.
struct Slab {
  static constexpr std::size_t size = 32 * 1024;
  static constexpr std::size_t header = 64;

  static Slab* make() { return ::new (::operator new(size, std::align_val_t{size})) Slab; }
  static Slab& of(void* block) noexcept {
    // Safe because blocks lie behind the header and in front of the next multiple of `size`.
    return *reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(block) & ~(size - 1));
  }
  void* at(std::size_t offset) noexcept { return reinterpret_cast<char*>(this) + offset; }
  void add_block() noexcept { __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED); }
  void drop_block() noexcept {
    if (__atomic_fetch_sub(&blocks, 1, __ATOMIC_ACQ_REL) != 1) return;
    ::operator delete(static_cast<void*>(this), std::align_val_t{size});
  }

  // Alive or recycled, and one for the thread that cuts. A builtin: <atomic> costs 24,000 lines.
  std::uint32_t blocks = 1;
};

/// Blocks of 64-byte classes, 64-byte aligned: compilers misplace over-aligned locals in frames
/// that are aligned less (PR 104177). Not recycled under AddressSanitizer, which must see each
/// block die, nor on a thread without a loop. A thread that ends keeps nothing.
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
    if (ASYNCIO_RECYCLES_FRAMES && size_class < ThreadState::size_classes && thread.recycles) {
      thread.free_blocks[size_class] =
          ::new (memory) ThreadState::FreeBlock{thread.free_blocks[size_class]};
      return;
    }
    deallocate_now(memory, size_class);
  }

  /// Gives all recycled memory of this thread back.
  static void trim() noexcept {
    for (ThreadState::FreeBlock*& head : thread_state.free_blocks) {
      while (ThreadState::FreeBlock* block = head) {
        head = block->next;
        Slab::of(block).drop_block();
      }
    }
    if (thread_state.slab) std::exchange(thread_state.slab, nullptr)->drop_block();
  }

  /// While one lives, blocks freed on the thread that made it are kept for reuse. One that ends on
  /// another thread leaves that to the end of its own.
  class User {
   public:
    User() noexcept {
      clean_up_at_thread_end();
      ++thread_state.pool_users;
      decide();
    }
    User(const User&) = delete;  // counted
    User& operator=(const User&) = delete;
    ~User() {
      // None is counted any more once the thread's end has begun.
      if (thread_ != thread_number() || thread_state.pool_users == 0) return;
      --thread_state.pool_users;
      decide();
    }

   private:
    const unsigned long long thread_ = thread_number();
  };

  /// Tells `observer` of every block from now on; null: nobody.
  static void observe(AllocationObserver* observer) noexcept {
    thread_state.allocation_observer = observer;
    decide();
  }

 private:
  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return (size + alignment - 1) / alignment;
  }
  /// Blocks of this class lie in slabs.
  static constexpr bool is_pooled(std::size_t size_class) noexcept {
    return ASYNCIO_RECYCLES_FRAMES && size_class < ThreadState::size_classes;
  }

  static void decide() noexcept {
    thread_state.recycles = thread_state.pool_users != 0 && !thread_state.allocation_observer;
    if (!thread_state.recycles) trim();
  }

  /// What is freed after it, by variables of the thread that were made earlier, is not kept.
  struct ThreadEnd {
    ThreadEnd() noexcept {}
    ~ThreadEnd() {
      thread_state.pool_users = 0;
      decide();
    }
  };
  __attribute__((noinline)) static void clean_up_at_thread_end() noexcept {
    static thread_local const ThreadEnd thread_end;
    static_cast<void>(thread_end);
  }

  __attribute__((noinline)) static void* allocate_new(std::size_t size_class) {
    AllocationObserver* const observer = thread_state.allocation_observer;
    if (observer) observer->before_allocation(*observer);
    const std::size_t bytes = size_class * alignment;
    void* const memory =
        is_pooled(size_class) ? cut(bytes) : ::operator new(bytes, std::align_val_t{alignment});
    if (observer) ++observer->blocks_alive;
    return memory;
  }

  /// A block of this thread's slab, or of a new one.
  static void* cut(std::size_t bytes) {
    ThreadState& thread = thread_state;
    if (!thread.slab || thread.slab_used + bytes > Slab::size) {
      clean_up_at_thread_end();
      Slab* const fresh = Slab::make();
      if (thread.slab) thread.slab->drop_block();
      thread.slab = fresh;
      thread.slab_used = Slab::header;
    }
    thread.slab->add_block();
    return thread.slab->at(std::exchange(thread.slab_used, thread.slab_used + bytes));
  }
  __attribute__((noinline)) static void deallocate_now(void* memory,
                                                       std::size_t size_class) noexcept {
    if (AllocationObserver* observer = thread_state.allocation_observer) --observer->blocks_alive;
    if (is_pooled(size_class)) return Slab::of(memory).drop_block();
    ::operator delete(memory, std::align_val_t{alignment});
  }
};

/// Gives a class the pool as its allocator.
struct Pooled {
  ASYNCIO_ALWAYS_INLINE static void* operator new(std::size_t size) {
    return FramePool::allocate(size);
  }
  static void* operator new(std::size_t, void* place) noexcept { return place; }
  ASYNCIO_ALWAYS_INLINE static void operator delete(void* memory, std::size_t size) noexcept {
    FramePool::deallocate(memory, size);
  }
};

}  // namespace asyncio::detail

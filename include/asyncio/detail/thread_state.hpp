// What the library keeps for each thread: the running loop and recycled memory.
#pragma once

#include <asyncio/config.hpp>
#include <cstddef>
#include <cstdint>

namespace asyncio {
inline namespace ASYNCIO_ABI {
class EventLoop;
}
class Context;

namespace detail {

class Scheduler;
struct Slab;

/// Told of the pool's blocks on a thread, for tests that count them or let one fail. While one is
/// installed nothing is recycled.
struct AllocationObserver {
  void (*before_allocation)(AllocationObserver&);  ///< may throw std::bad_alloc
  std::ptrdiff_t blocks_alive = 0;
};

/// What belongs to a thread. Trivial, so that it needs no guard and no destructor at thread exit.
struct ThreadState {
  static constexpr std::size_t size_classes = 33;  ///< of 64 bytes each: blocks up to 2 KiB

  struct FreeBlock {
    FreeBlock* next;
  };

  EventLoop* running_loop = nullptr;  ///< the loop inside run_forever(), null outside
  EventLoop* set_loop = nullptr;      ///< what set_event_loop() installed
  Scheduler* scheduler = nullptr;     ///< the same, as its base
  Context* context = nullptr;         ///< of what runs now; null: the thread's own, still empty
  FreeBlock* free_blocks[size_classes] = {};
  bool recycles = false;       ///< pool_users, and no allocation_observer: freed blocks are kept
  std::size_t pool_users = 0;  ///< loops that were made here and live, and one that runs here
  Slab* slab = nullptr;        ///< new blocks are cut off it; null: the next one needs a new slab
  std::size_t slab_used = 0;   ///< bytes of it
  /// In debug mode: told of each coroutine that is destroyed without having been awaited.
  void (*never_awaited)(const char* function, const char* file, unsigned line) = nullptr;
  AllocationObserver* allocation_observer = nullptr;  ///< a test's; see FramePool::observe()
  unsigned long long number = 0;                      ///< see thread_number(); 0: not asked yet
  std::uint64_t task_number = 0;                      ///< the last one given to a task
};

// Safe because it is constinit and trivially destructible. Default visibility, so that every
// shared object of a process sees the same loop; dlopen(RTLD_LOCAL) under clang still gets its own.
__attribute__((visibility("default"))) inline constinit thread_local ThreadState thread_state;

/// Tells this thread from every other one of the process, also from one that has ended, whose
/// thread_state may have stood at the same address. Never 0.
[[nodiscard]] inline unsigned long long thread_number() noexcept {
  static constinit unsigned long long last = 0;
  // A builtin: <atomic> costs 24,000 lines.
  if (thread_state.number == 0)
    thread_state.number = __atomic_add_fetch(&last, 1ull, __ATOMIC_RELAXED);
  return thread_state.number;
}

}  // namespace detail
}  // namespace asyncio

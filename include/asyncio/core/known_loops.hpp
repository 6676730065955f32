// All loops of the process, for what may outlive its loop.
// Reference: none in Python, whose objects keep their loop alive.
#pragma once

#include <asyncio/detail/thread_state.hpp>
#include <atomic>
#include <utility>

namespace asyncio::detail {

/// A loop's place in the list of those that exist, and the thread that it belongs to: first the one
/// that made it. It may belong to nobody, and then be used by any thread.
/// Threads: any, but for what moves it and asks where it is: at most one at a time.
class KnownLoop {
 public:
  KnownLoop() noexcept {
    const Locked locked;
    next_ = std::exchange(first_, this);
  }
  KnownLoop(const KnownLoop&) = delete;  // listed by address
  KnownLoop& operator=(const KnownLoop&) = delete;

  /// This thread may use the loop without a lock.
  [[nodiscard]] bool belongs_here() const noexcept { return thread_ == &thread_state; }
  [[nodiscard]] bool was_made_here() const noexcept { return maker_ == &thread_state; }
  void move_here() noexcept { belong_to(&thread_state); }
  void belong_to_nobody() noexcept { belong_to(nullptr); }

  /// `loop` exists, and this thread may use it. It may be the address of one that is gone.
  [[nodiscard]] static bool is_known_here(const KnownLoop* loop) noexcept {
    const Locked locked;
    const KnownLoop* known = first_;
    while (known && known != loop) known = known->next_;
    return known && (known->belongs_here() || !known->thread_);
  }

  /// The same on any thread.
  [[nodiscard]] static bool is_known(const KnownLoop* loop) noexcept {
    const Locked locked;
    const KnownLoop* known = first_;
    while (known && known != loop) known = known->next_;
    return known != nullptr;
  }

  /// In a forked child, whose parent's loops are none of its own; another thread of the parent may
  /// have held the lock.
  static void forget_all() noexcept {
    first_ = nullptr;
    lock_.clear();
  }

 protected:
  ~KnownLoop() {
    const Locked locked;
    KnownLoop** link = &first_;
    while (*link && *link != this) link = &(*link)->next_;
    if (*link) *link = next_;  // not one that a forked child has forgotten
  }

 private:
  /// Held for a few loads; <mutex> would cost every header of core 24,000 lines.
  struct Locked {
    Locked() noexcept {
      while (lock_.test_and_set(std::memory_order_acquire)) lock_.wait(true);
    }
    Locked(const Locked&) = delete;  // unlocks once
    Locked& operator=(const Locked&) = delete;
    ~Locked() {
      lock_.clear(std::memory_order_release);
      lock_.notify_one();
    }
  };

  void belong_to(const ThreadState* thread) noexcept {
    const Locked locked;
    thread_ = thread;
  }

  static inline constinit std::atomic_flag lock_{};
  static inline constinit KnownLoop* first_ = nullptr;  // newest first

  KnownLoop* next_ = nullptr;
  const ThreadState* const maker_ = &thread_state;
  const ThreadState* thread_ = &thread_state;  // null: nobody's
};

}  // namespace asyncio::detail

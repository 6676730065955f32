// All loops of the process, for what may outlive its loop.
// Reference: none in Python, whose objects keep their loop alive.
#pragma once

#include <atomic>
#include <utility>

namespace asyncio::detail {

/// A loop's place in the list of those that exist.
/// Threads: any.
class KnownLoop {
 public:
  KnownLoop() noexcept {
    const Locked locked;
    next_ = std::exchange(first_, this);
  }
  KnownLoop(const KnownLoop&) = delete;  // listed by address
  KnownLoop& operator=(const KnownLoop&) = delete;

  /// `loop`, which may be the address of one that is gone, exists, and `question()` is true, asked
  /// while the loop cannot end. It must be quick, and must not make or end loops.
  template <class Question>
  [[nodiscard]] static bool exists_and(const KnownLoop* loop, Question question) noexcept {
    const Locked locked;
    const KnownLoop* known = first_;
    while (known && known != loop) known = known->next_;
    return known && question();
  }
  [[nodiscard]] static bool exists(const KnownLoop* loop) noexcept {
    return exists_and(loop, [] { return true; });
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

  static inline constinit std::atomic_flag lock_{};
  static inline constinit KnownLoop* first_ = nullptr;  // newest first

  KnownLoop* next_ = nullptr;
};

}  // namespace asyncio::detail

// Timers in deadline order: an implicit 4-ary heap, from which cancelled timers are swept.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <asyncio/detail/ready_queue.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace asyncio::detail {

/// Runs when its deadline has come. Cancelled by TimerHeap::remove.
struct Timer : ReadyNode {
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  using ReadyNode::ReadyNode;

  /// A deadline was set and has not come.
  [[nodiscard]] bool is_running() const noexcept { return slot != no_slot; }

  /// `delay` after `now`, without overflow.
  [[nodiscard]] static TimePoint deadline_after(Duration delay, TimePoint now) noexcept {
    return delay > TimePoint::max() - now ? TimePoint::max() : now + delay;
  }
  /// Counts the deadline of a fresh timer from `now`.
  void settle(TimePoint now) noexcept {
    deadline = deadline_after(deadline.time_since_epoch(), now);
    is_fresh = false;
  }

  static constexpr std::uint32_t no_slot = ~std::uint32_t{0};
  static constexpr std::uint32_t fresh_slot = no_slot - 1;

  TimePoint deadline{};
  std::uint32_t slot = no_slot;  // its number in the heap that it is in
  bool is_fresh = false;         // `deadline` is still a delay: nobody has read the clock for it
};

/// Owns nothing. Equal deadlines come out in the order in which they went in.
///
/// A timer may be started by its delay alone: it waits among the fresh ones until somebody reads the
/// clock. One that is stopped before that, as most timeouts are, has cost neither clock nor heap.
///
/// The entries name a timer by a slot, so that sorting touches no timer's memory, and removing one
/// sorts nothing: its entry stays behind as a dead one, and is swept when it comes to the front, or
/// with all others when they are the majority. Invariant: the front entry is alive.
class TimerHeap {
 public:
  using TimePoint = Timer::TimePoint;
  using Duration = Timer::Duration;

  /// No timer has a deadline; there may be fresh ones.
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return count_ - dead_ + fresh_count_; }
  [[nodiscard]] TimePoint earliest() const noexcept { return entries_.front().deadline; }

  /// Makes room, so that the next insert() cannot fail. Throws: std::bad_alloc.
  void reserve_one() {
    if (count_ + fresh_count_ == entries_.size()) [[unlikely]]
      grow();
  }

  /// Needs: reserve_one() before, and no fresh timers, which would lose their turn.
  void insert(Timer& timer, TimePoint deadline) noexcept {
    ASYNCIO_ASSERT(!timer.is_running(), "a timer is already running");
    ASYNCIO_ASSERT(!has_fresh(), "fresh timers stand in front of a timer");
    timer.deadline = deadline;
    timer.is_fresh = false;
    place(timer);
  }

  /// The same for a timer whose deadline is `delay` after the next settle(). Needs: reserve_one().
  void insert_fresh(Timer& timer, Duration delay) noexcept {
    ASYNCIO_ASSERT(!timer.is_running(), "a timer is already running");
    timer.deadline = TimePoint(delay);
    timer.slot = Timer::fresh_slot;
    timer.is_fresh = true;
    fresh_.push(timer);
    ++fresh_count_;
  }
  [[nodiscard]] bool has_fresh() const noexcept { return fresh_count_ != 0; }
  /// Gives the fresh timers their deadlines.
  __attribute__((noinline)) void settle(TimePoint now) noexcept {
    fresh_count_ = 0;
    while (ReadyNode* const node = fresh_.pop()) {
      auto& timer = static_cast<Timer&>(*node);
      timer.settle(now);
      place(timer);
    }
  }

  /// Cost: O(1), amortised.
  void remove(Timer& timer) noexcept {
    if (!timer.is_running()) return;
    const std::uint32_t slot = std::exchange(timer.slot, Timer::no_slot);
    if (slot == Timer::fresh_slot) {
      --fresh_count_;
      return timer.leave_queue();
    }
    const bool is_last = entries_[count_ - 1].sequence == slots_[slot].sequence;
    free_slot(slot);
    if (is_last)
      --count_;  // what was started last is often stopped first
    else
      add_dead();
  }

  /// The earliest timer, taken out, if its deadline is not after `now`; else null.
  Timer* pop_due(TimePoint now) noexcept {
    if (empty() || entries_.front().deadline > now) return nullptr;
    const std::uint32_t slot = entries_.front().slot;
    Timer* const timer = slots_[slot].timer;
    timer->slot = Timer::no_slot;
    free_slot(slot);
    pop_front();
    sweep_front();
    return timer;
  }

 private:
  struct Entry {
    TimePoint deadline;
    std::uint64_t sequence;  // ties: first in, first out; no two entries have the same
    std::uint32_t slot;

    friend bool operator<(const Entry& a, const Entry& b) noexcept {
      return a.deadline != b.deadline ? a.deadline < b.deadline : a.sequence < b.sequence;
    }
  };
  struct Slot {
    Timer* timer;            // null: free
    std::uint64_t sequence;  // of the entry that it stands for; the next free slot while it is free
  };

  static constexpr std::size_t arity = 4;
  static constexpr std::size_t sweep_at_least = 64;  // dead entries, before all are swept
  static std::size_t parent(std::size_t index) noexcept { return (index - 1) / arity; }

  /// There are as many slots as there is room for entries.
  __attribute__((noinline)) void grow() {
    const std::size_t room = 2 * entries_.size() + 16;
    slots_.reserve(room);
    entries_.resize(room);
    for (std::size_t slot = slots_.size(); slot < room; ++slot) {
      slots_.push_back({});
      free_slot(static_cast<std::uint32_t>(slot));
    }
  }

  std::uint32_t take_slot() noexcept {
    const auto next = static_cast<std::uint32_t>(slots_[first_free_].sequence);
    return std::exchange(first_free_, next);
  }
  void free_slot(std::uint32_t slot) noexcept {
    slots_[slot] = {nullptr, std::exchange(first_free_, slot)};
  }

  void place(Timer& timer) noexcept {
    timer.slot = take_slot();
    slots_[timer.slot] = {&timer, next_sequence_};
    sift_up(count_++, {timer.deadline, next_sequence_++, timer.slot});
  }

  [[nodiscard]] bool is_alive(const Entry& entry) const noexcept {
    const Slot& slot = slots_[entry.slot];
    return slot.timer && slot.sequence == entry.sequence;
  }

  __attribute__((noinline)) void add_dead() noexcept {
    ++dead_;
    if (!is_alive(entries_.front()))
      sweep_front();
    else if (dead_ > sweep_at_least && dead_ > count_ / 2)
      sweep_all();
  }
  void pop_front() noexcept {
    --count_;
    if (!empty()) sift_down(0, Entry(entries_[count_]));
  }
  void sweep_front() noexcept {
    while (dead_ != 0 && !is_alive(entries_.front())) {
      --dead_;
      pop_front();
    }
  }
  void sweep_all() noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i)
      if (is_alive(entries_[i])) entries_[kept++] = entries_[i];
    count_ = kept;
    dead_ = 0;
    for (std::size_t hole = count_ / arity + 1; hole-- > 0;)
      if (hole < count_) sift_down(hole, Entry(entries_[hole]));
  }

  ASYNCIO_ALWAYS_INLINE void sift_up(std::size_t hole, const Entry& entry) noexcept {
    while (hole > 0 && entry < entries_[parent(hole)]) {
      entries_[hole] = entries_[parent(hole)];
      hole = parent(hole);
    }
    entries_[hole] = entry;
  }

  void sift_down(std::size_t hole, const Entry entry) noexcept {
    for (;;) {
      const std::size_t first = hole * arity + 1;
      if (first >= count_) break;
      const std::size_t end = first + arity < count_ ? first + arity : count_;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (entries_[child] < entries_[least]) least = child;
      if (!(entries_[least] < entry)) break;
      entries_[hole] = entries_[least];
      hole = least;
    }
    entries_[hole] = entry;
  }

  std::vector<Entry> entries_;  // as long as there is room; the first count_ are in use
  std::size_t count_ = 0;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = Timer::no_slot;
  std::size_t dead_ = 0;  // entries whose timer was removed
  std::uint64_t next_sequence_ = 0;
  ReadyQueue fresh_;  // in order of their start
  std::size_t fresh_count_ = 0;
};

}  // namespace asyncio::detail

// Timers in deadline order: an implicit 4-ary heap that knows where each timer stands in it.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <asyncio/detail/ready_queue.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace asyncio::detail {

/// Runs when its deadline has come. Cancelled by TimerHeap::remove, in O(log n) at worst.
struct Timer : ReadyNode {
  using TimePoint = std::chrono::steady_clock::time_point;

  using ReadyNode::ReadyNode;

  static constexpr std::size_t not_in_heap = ~std::size_t{0};

  TimePoint deadline{};
  std::size_t heap_index = not_in_heap;
};

/// Owns nothing. Equal deadlines come out in the order in which they went in.
class TimerHeap {
 public:
  using TimePoint = Timer::TimePoint;

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] TimePoint earliest() const noexcept { return entries_.front().deadline; }

  /// Makes room, so that the next insert() cannot fail. Throws: std::bad_alloc.
  void reserve_one() {
    if (entries_.size() == entries_.capacity()) entries_.reserve(2 * entries_.size() + 16);
  }

  /// Needs: reserve_one() before.
  void insert(Timer& timer, TimePoint deadline) noexcept {
    ASYNCIO_ASSERT(timer.heap_index == Timer::not_in_heap, "a timer is already running");
    timer.deadline = deadline;
    entries_.push_back({deadline, next_sequence_++, &timer});
    sift_up(entries_.size() - 1, entries_.back());
  }

  void remove(Timer& timer) noexcept {
    const std::size_t hole = timer.heap_index;
    if (hole == Timer::not_in_heap) return;
    timer.heap_index = Timer::not_in_heap;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (hole == entries_.size()) return;
    if (hole > 0 && last < entries_[parent(hole)])
      sift_up(hole, last);
    else
      sift_down(hole, last);
  }

  /// The earliest timer, taken out, if its deadline is not after `now`; else null.
  Timer* pop_due(TimePoint now) noexcept {
    if (entries_.empty() || entries_.front().deadline > now) return nullptr;
    Timer* timer = entries_.front().timer;
    remove(*timer);
    return timer;
  }

 private:
  struct Entry {
    TimePoint deadline;
    std::uint64_t sequence;  // ties: first in, first out
    Timer* timer;

    friend bool operator<(const Entry& a, const Entry& b) noexcept {
      return a.deadline != b.deadline ? a.deadline < b.deadline : a.sequence < b.sequence;
    }
  };

  static constexpr std::size_t arity = 4;
  static std::size_t parent(std::size_t index) noexcept { return (index - 1) / arity; }

  void place(std::size_t index, const Entry& entry) noexcept {
    entries_[index] = entry;
    entry.timer->heap_index = index;
  }

  void sift_up(std::size_t hole, const Entry entry) noexcept {
    while (hole > 0 && entry < entries_[parent(hole)]) {
      place(hole, entries_[parent(hole)]);
      hole = parent(hole);
    }
    place(hole, entry);
  }

  void sift_down(std::size_t hole, const Entry entry) noexcept {
    for (;;) {
      const std::size_t first = hole * arity + 1;
      if (first >= entries_.size()) break;
      const std::size_t end = first + arity < entries_.size() ? first + arity : entries_.size();
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child)
        if (entries_[child] < entries_[least]) least = child;
      if (!(entries_[least] < entry)) break;
      place(hole, entries_[least]);
      hole = least;
    }
    place(hole, entry);
  }

  std::vector<Entry> entries_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace asyncio::detail

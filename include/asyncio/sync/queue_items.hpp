// The orders in which queues give their items.
// Reference: asyncio/queues.py: _init, _put, _get of Queue, LifoQueue, PriorityQueue.
#pragma once

#include <algorithm>
#include <asyncio/detail/ring.hpp>
#include <concepts>
#include <cstdint>
#include <vector>

namespace asyncio {

/// What a Queue keeps its items in: `push` takes one in, `pop` gives the next. pop() is called only
/// when there is an item. A push that throws leaves things as they were.
template <class Items, class T>
concept QueueItems = requires(Items& items, T item) {
  items.push(std::move(item));
  { items.pop() } -> std::same_as<T>;
};

namespace detail {

/// First in, first out.
template <class T>
class FifoItems {
 public:
  void push(T&& item) { ring_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(ring_.front());
    ring_.pop_front();
    return item;
  }

 private:
  Ring<T> ring_;
};

/// Last in, first out.
template <class T>
class LifoItems {
 public:
  void push(T&& item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

 private:
  std::vector<T> items_;
};

/// Smallest first; of equal ones the one that came first.
template <class T, class Compare>
class SortedItems {
 public:
  void push(T&& item) {
    items_.push_back(Entry{std::move(item), next_order_++});
    std::push_heap(items_.begin(), items_.end(), later_);
  }
  T pop() {
    std::pop_heap(items_.begin(), items_.end(), later_);
    T item = std::move(items_.back().item);
    items_.pop_back();
    return item;
  }

 private:
  struct Entry {
    T item;
    std::uint64_t order;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      if (smaller(b.item, a.item)) return true;
      return !smaller(a.item, b.item) && b.order < a.order;
    }
    [[no_unique_address]] Compare smaller{};
  };

  std::vector<Entry> items_;  // a heap
  std::uint64_t next_order_ = 0;
  [[no_unique_address]] Later later_;
};

}  // namespace detail
}  // namespace asyncio

// Queue, LifoQueue and PriorityQueue: tasks pass items on, and wait for items and for room.
// Reference: https://docs.python.org/3/library/asyncio-queue.html; asyncio/queues.py.
#pragma once

#include <asyncio/core/task.hpp>
#include <asyncio/sync/queue_base.hpp>
#include <asyncio/sync/queue_items.hpp>
#include <optional>

namespace asyncio {

namespace detail {

/// co_await of get().
template <class Q>
class QueueGet {
 public:
  explicit QueueGet(Q& queue) noexcept : queue_(queue) {}

  bool await_ready() {
    if (!queue_.empty()) [[likely]]
      return true;
    queue_.check_wait();
    return false;
  }
  void suspend(PromiseBase& frame) noexcept { node_.make(queue_, QueueSide::items).suspend(frame); }
  auto await_resume() {
    if (!node_) [[likely]]
      return queue_.take();
    return get_woken();
  }

 private:
  __attribute__((noinline)) auto get_woken() {
    node_->finish();
    return queue_.get_nowait();
  }

  Q& queue_;
  LateNode<typename Q::Node> node_;
};

/// co_await of put().
template <class Q>
class QueuePut {
 public:
  QueuePut(Q& queue, typename Q::value_type& item) noexcept : queue_(queue), item_(item) {}

  bool await_ready() {
    if (!queue_.full()) [[likely]]
      return true;
    queue_.check_wait();
    return false;
  }
  void suspend(PromiseBase& frame) noexcept { node_.make(queue_, QueueSide::room).suspend(frame); }
  void await_resume() {
    if (node_) [[unlikely]]
      return put_woken();
    queue_.check_open();
    queue_.insert(std::move(item_));
  }

 private:
  __attribute__((noinline)) void put_woken() {
    node_->finish();
    try {
      queue_.put_nowait(std::move(item_));
    } catch (...) {
      queue_.pass_on(QueueSide::room);
      throw;
    }
  }

  Q& queue_;
  typename Q::value_type& item_;
  LateNode<typename Q::Node> node_;
};

/// What put() returns: holds the item until it is awaited or scheduled.
template <class Q>
class [[nodiscard("co_await the put")]] QueuePutRequest {
 public:
  using T = typename Q::value_type;

  QueuePutRequest(Q& queue, T&& item) : queue_(&queue), item_(std::move(item)) {}
  QueuePut<Q> operator co_await() && noexcept { return QueuePut<Q>(*queue_, item_); }
  RefusedAwait<void> operator co_await() & {
    static_assert(always_false<Q>,
                  "asyncio: a put is awaited once: write co_await queue.put(item), or "
                  "co_await std::move(put)");
    return {};
  }

 private:
  Q* queue_;
  T item_;
};

}  // namespace detail

/// Items pass from those who put to those who get, first in, first out. `Items` decides on another
/// order (concept QueueItems).
/// Cancellation: a get or put that raises has had no effect: the item stays in the queue, or was
/// not put, and who waits behind is woken instead.
/// Lifetime: must outlive the tasks that wait for it.
template <class T, class Items = detail::FifoItems<T>>
class Queue : public detail::QueueBase {
  static_assert(std::is_object_v<T> && std::is_move_constructible_v<T>,
                "asyncio: a queue moves its items from task to task: put a std::unique_ptr to a "
                "type that cannot be moved");

 public:
  using value_type = T;

  /// For at most `maxsize` items; 0 or less: for any number.
  template <std::integral Size = std::size_t>
  explicit Queue(Size maxsize = 0) noexcept
      : QueueBase(maxsize > 0 ? static_cast<std::size_t>(maxsize) : 0) {}

  /// Waits while the queue is full, and puts the item in.
  /// Throws: QueueShutDown, also while it waits.
  [[nodiscard("co_await the put")]] auto put(T item) {
    return detail::QueuePutRequest<Queue>(*this, std::move(item));
  }
  /// Waits while the queue is empty. Returns: the next item.
  /// Throws: QueueShutDown when nothing is left, also while it waits.
  [[nodiscard("co_await the get")]] auto get() noexcept {
    return detail::Waiting<Queue, detail::QueueGet<Queue>>(*this);
  }

  /// Puts the item in. Throws: QueueFull; QueueShutDown.
  void put_nowait(T item) {
    check_thread();
    check_put();
    insert(std::move(item));
  }
  /// The next item. Throws: QueueEmpty; QueueShutDown when nothing is left.
  T get_nowait() {
    check_thread();
    check_get();
    return take();
  }
  /// The next item, or nothing if there is none.
  std::optional<T> try_get() {
    if (empty()) return std::nullopt;
    return std::optional<T>(get_nowait());
  }

  /// From now on nothing can be put; those who wait for room get QueueShutDown. Those who get take
  /// what is left, then get QueueShutDown. With `immediate` what is left is dropped, and counts as
  /// done for join(). May be called again.
  void shutdown(bool immediate = false) {
    check_thread();
    if (immediate) drop_items();
    mark_shut_down();
  }

 private:
  template <class Q>
  friend class detail::QueueGet;
  template <class Q>
  friend class detail::QueuePut;
  static_assert(QueueItems<Items, T>);

  void insert(T&& item) {
    items_.push(std::move(item));
    item_was_put();
  }
  T take() {
    T item = items_.pop();
    item_was_taken();
    return item;
  }
  void drop_items() {
    while (!empty()) {
      static_cast<void>(items_.pop());
      item_was_dropped();
    }
  }

  Items items_;
};

/// A Queue that gives the newest item first.
template <class T>
class LifoQueue : public Queue<T, detail::LifoItems<T>> {
 public:
  using Queue<T, detail::LifoItems<T>>::Queue;
};

/// A Queue that gives the smallest item first, by `Compare`, which must not throw; of equal ones
/// the one that was put first.
template <class T, class Compare = std::less<T>>
class PriorityQueue : public Queue<T, detail::SortedItems<T, Compare>> {
 public:
  using Queue<T, detail::SortedItems<T, Compare>>::Queue;
};

}  // namespace asyncio

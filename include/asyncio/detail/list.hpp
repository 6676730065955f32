// Intrusive containers: the node lives in the object, so that linking never allocates.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <cstddef>

namespace asyncio::detail {

/// A place in one doubly linked List; unlinks itself when destroyed.
class ListHook {
 public:
  ListHook() noexcept = default;
  ListHook(const ListHook&) = delete;  // neighbours point at it
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  [[nodiscard]] bool is_linked() const noexcept { return next_ != nullptr; }

  void unlink() noexcept {
    if (!is_linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <class T>
  friend class List;
  ListHook* previous_ = nullptr;
  ListHook* next_ = nullptr;  // null: in no list
};

/// A first-in first-out list of objects that derive from ListHook; owns nothing.
template <class T>
class List {
 public:
  List() noexcept { head_.next_ = head_.previous_ = &head_; }
  List(const List&) = delete;  // the nodes point at the head
  List& operator=(const List&) = delete;
  ~List() {
    if (!empty()) [[unlikely]]
      unlink_all();
    head_.next_ = nullptr;  // the head is not in a list of somebody else
  }

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }

  void push_back(T& node) noexcept {
    ListHook& hook = node;
    ASYNCIO_ASSERT(!hook.is_linked(), "an object is already in a list");
    hook.previous_ = head_.previous_;
    hook.next_ = &head_;
    head_.previous_->next_ = &hook;
    head_.previous_ = &hook;
  }

  void push_front(T& node) noexcept {
    ListHook& hook = node;
    ASYNCIO_ASSERT(!hook.is_linked(), "an object is already in a list");
    hook.next_ = head_.next_;
    hook.previous_ = &head_;
    head_.next_->previous_ = &hook;
    head_.next_ = &hook;
  }

  [[nodiscard]] T& front() noexcept { return static_cast<T&>(*head_.next_); }

  /// The first node, unlinked; null when the list is empty.
  T* pop_front() noexcept {
    if (empty()) return nullptr;
    T& node = front();
    node.ListHook::unlink();
    return &node;
  }

  /// The node behind `node`, null at the end. Lets a caller unlink `node` first and go on.
  [[nodiscard]] T* next(T& node) noexcept { return at(static_cast<ListHook&>(node).next_); }
  [[nodiscard]] T* first() noexcept { return at(head_.next_); }

  [[nodiscard]] std::size_t size() const noexcept {
    std::size_t count = 0;
    for (const ListHook* hook = head_.next_; hook != &head_; hook = hook->next_) ++count;
    return count;
  }

 private:
  __attribute__((noinline)) void unlink_all() noexcept {
    while (!empty()) front().ListHook::unlink();
  }
  T* at(ListHook* hook) noexcept { return hook == &head_ ? nullptr : static_cast<T*>(hook); }

  ListHook head_;
};

}  // namespace asyncio::detail

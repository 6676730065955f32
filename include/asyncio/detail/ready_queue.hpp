// The queue of what runs next. Everything that is scheduled is a ReadyNode: a task's step, a
// callback, a timer that is due.
#pragma once

#include <asyncio/detail/assert.hpp>

namespace asyncio::detail {

/// What the queue asks of a node whose turn has come.
enum class Turn : bool {
  run,     ///< do what you are there for
  discard  ///< the loop is closing: release what you own, run nothing
};

/// Something that can run once its turn comes. In at most one queue at a time; leaves it when
/// destroyed, so that whatever is queued may end before its turn.
struct ReadyNode {
  using Run = void (*)(ReadyNode&, Turn) noexcept;

  explicit ReadyNode(Run function) noexcept : run(function) {}
  ReadyNode(const ReadyNode&) = delete;  // the queue points at it
  ReadyNode& operator=(const ReadyNode&) = delete;
  ~ReadyNode() { leave_queue(); }

  [[nodiscard]] bool is_queued() const noexcept { return previous_ready != nullptr; }
  void leave_queue() noexcept {
    if (!is_queued()) return;
    previous_ready->next_ready = next_ready;
    next_ready->previous_ready = previous_ready;
    previous_ready = nullptr;
  }

  ReadyNode* next_ready = nullptr;      // in an inbox it links the stack
  ReadyNode* previous_ready = nullptr;  // null: in no queue
  Run run;
};

/// First-in first-out, intrusive: a ring through a head node.
class ReadyQueue {
 public:
  ReadyQueue() noexcept : head_(nullptr) { head_.next_ready = head_.previous_ready = &head_; }
  ReadyQueue(const ReadyQueue&) = delete;  // the nodes point at it
  ReadyQueue& operator=(const ReadyQueue&) = delete;
  ~ReadyQueue() {
    while (pop()) {
    }
    head_.previous_ready = nullptr;
  }

  [[nodiscard]] bool empty() const noexcept { return head_.next_ready == &head_; }

  void push(ReadyNode& node) noexcept {
    ASYNCIO_ASSERT(!node.is_queued(), "a node is already queued");
    node.next_ready = &head_;
    node.previous_ready = head_.previous_ready;
    head_.previous_ready->next_ready = &node;
    head_.previous_ready = &node;
  }

  /// Lets `node` run before all others.
  void push_front(ReadyNode& node) noexcept {
    ASYNCIO_ASSERT(!node.is_queued(), "a node is already queued");
    node.next_ready = head_.next_ready;
    node.previous_ready = &head_;
    head_.next_ready->previous_ready = &node;
    head_.next_ready = &node;
  }

  ReadyNode* pop() noexcept {
    ReadyNode* const node = head_.next_ready;
    if (node == &head_) return nullptr;
    head_.next_ready = node->next_ready;
    node->next_ready->previous_ready = &head_;
    node->previous_ready = nullptr;
    return node;
  }

  /// Moves all nodes of `other` in front of the own ones.
  void take_front(ReadyQueue& other) noexcept {
    if (other.empty()) return;
    ReadyNode* const first = other.head_.next_ready;
    ReadyNode* const last = other.head_.previous_ready;
    other.head_.next_ready = other.head_.previous_ready = &other.head_;
    last->next_ready = head_.next_ready;
    head_.next_ready->previous_ready = last;
    head_.next_ready = first;
    first->previous_ready = &head_;
  }

 private:
  ReadyNode head_;  // never runs
};

}  // namespace asyncio::detail

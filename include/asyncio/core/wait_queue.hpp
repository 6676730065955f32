// The queue in which tasks wait for each other: fair, cancellable, without allocation.
// Reference: trio/_core/_parking_lot.py; the deques of futures in asyncio/locks.py.
#pragma once

#include <asyncio/core/wait.hpp>
#include <asyncio/detail/list.hpp>
#include <memory>

namespace asyncio::detail {

/// A waiting task's place in a WaitQueue. A cancelled one has left before cancel() returns.
class WaitNode : public Wait, public ListHook {
 public:
  using Wait::is_cancelled;
  using Wait::wake_up;

 protected:
  ~WaitNode() = default;
  void leave() noexcept override { unlink(); }
};

/// A loop in debug mode runs on this thread.
[[nodiscard]] inline bool is_debugging() noexcept { return thread_state.never_awaited != nullptr; }

/// First in, first out.
class WaitQueue {
 public:
  class Waiter;

  WaitQueue() noexcept = default;

  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  /// Somebody is in it who is not cancelled.
  [[nodiscard]] bool has_live() noexcept {
    WaitNode* node = nodes_.first();
    while (node && node->is_cancelled()) node = nodes_.next(*node);
    return node != nullptr;
  }

  /// `co_await queue.wait()`: suspends until woken. Throws: CancelledError, also after the
  /// wake-up, which is then lost to this task: for wake-ups that hand nothing over.
  [[nodiscard("co_await the wait")]] Waiter wait() noexcept;

  /// Wakes the first waiter, which leaves. Returns: false if there is none.
  bool wake_one() noexcept {
    WaitNode* const node = nodes_.pop_front();
    if (node) node->wake_up();
    return node != nullptr;
  }
  void wake_all() noexcept {
    while (wake_one()) {
    }
  }

  // For primitives whose wake-up hands something over

  void push(WaitNode& node) noexcept { nodes_.push_back(node); }
  WaitNode* pop() noexcept { return nodes_.pop_front(); }
  /// Wakes the first, who keeps its place until it runs; nothing if it is decided already.
  void wake_in_place() noexcept {
    if (!nodes_.empty()) nodes_.front().wake_up();
  }
  /// Wakes the first, who stands in `woken` until it runs.
  bool wake_into(WaitQueue& woken) noexcept {
    WaitNode* const node = nodes_.pop_front();
    if (!node) return false;
    woken.push(*node);
    node->wake_up();
    return true;
  }
  /// For the destructor of whoever owns the queue, in debug mode: nobody may wait any more.
  /// Otherwise the nodes leave, and their tasks can still be cancelled: a main task that is
  /// cancelled may destroy what its workers wait for, before run() cancels the workers.
  void check_unused(const char* sentence) noexcept {
    if (nodes_.empty() || !is_debugging()) [[likely]]
      return;
    if (has_live()) assertion_failed(sentence, __FILE__, __LINE__);
  }

 private:
  List<WaitNode> nodes_;
};

/// The plain wait.
class WaitQueue::Waiter final : public WaitNode {
 public:
  explicit Waiter(WaitQueue& queue) noexcept : queue_(queue) {}

  bool await_ready() const noexcept { return false; }
  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    queue_.push(*this);
  }
  void await_resume() { resume(); }

 private:
  WaitQueue& queue_;
};

inline WaitQueue::Waiter WaitQueue::wait() noexcept { return Waiter(*this); }

/// A node made only when somebody has to wait, so that who need not wait does not pay for it.
template <class Node>
class LateNode {
 public:
  LateNode() noexcept {}
  LateNode(const LateNode&) = delete;  // a queue points at the node
  LateNode& operator=(const LateNode&) = delete;
  ~LateNode() {
    if (is_made_) std::destroy_at(std::addressof(node_));
  }

  template <class... Args>
  Node& make(Args&&... args) noexcept {
    std::construct_at(std::addressof(node_), std::forward<Args>(args)...);
    is_made_ = true;
    return node_;
  }
  explicit operator bool() const noexcept { return is_made_; }
  Node* operator->() noexcept { return std::addressof(node_); }

 private:
  union {
    Node node_;  // alive if is_made_
  };
  bool is_made_ = false;
};

/// The place of a task that waits for something `Source` hands out: a lock, a permit.
///
/// The source wakes the first in line and hands over at the resumption, by `taken()`. A task that
/// was cancelled in between raises CancelledError, and `give_back(woken)` passes on what it was
/// woken for. Source also says whether cancelled waiters stay in line until they run.
template <class Source>
class TakeNode final : public WaitNode {
 public:
  explicit TakeNode(Source& source) noexcept : source_(source) {}

  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    source_.waiters().push(*this);
  }
  void finish() {
    const bool has_source = is_linked();
    unlink();
    if (must_raise()) [[unlikely]] {
      if (has_source) source_.give_back(is_woken());
      raise();
    }
    if (!has_source) [[unlikely]]
      throw_orphaned();
    source_.taken();
  }

 private:
  void leave() noexcept override {
    if constexpr (!Source::cancelled_waiters_stay) unlink();
  }
  [[noreturn]] __attribute__((noinline)) static void throw_orphaned() {
    throw RuntimeError("what a task waited for was destroyed");
  }

  Source& source_;
};

/// co_await of what Source hands out, `Result(source)`: at once by `try_take()`, or in turn.
/// `check_wait()` throws where waiting is not possible.
template <class Source, class Result>
class Take {
 public:
  explicit Take(Source& source) noexcept : source_(source) {}

  bool await_ready() {
    if (source_.try_take()) [[likely]]
      return true;
    source_.check_wait();
    return false;
  }
  void suspend(PromiseBase& frame) noexcept { node_.make(source_).suspend(frame); }
  auto await_resume() {
    if (node_) node_->finish();
    return Result()(source_);
  }

 private:
  Source& source_;
  LateNode<TakeNode<Source>> node_;
};

/// What waiting functions return: waits when it is awaited, `W(source)`, and may be scheduled.
template <class Source, class W>
class [[nodiscard("co_await the wait")]] Waiting {
 public:
  explicit Waiting(Source& source) noexcept : source_(&source) {}
  W operator co_await() const noexcept { return W(*source_); }

 private:
  Source* source_;
};

// What a wait may give.
struct GivesTrue {
  template <class Source>
  bool operator()(Source&) const noexcept {
    return true;
  }
};
struct GivesNothing {
  template <class Source>
  void operator()(Source&) const noexcept {}
};

}  // namespace asyncio::detail

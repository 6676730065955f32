// What queues of any item share: who waits for items and for room, and what is unfinished.
// Reference: asyncio/queues.py, Queue.
#pragma once

#include <asyncio/core/exceptions.hpp>
#include <asyncio/detail/ready_queue.hpp>
#include <asyncio/sync/event.hpp>

namespace asyncio::detail {

/// What a task waits for at a queue.
enum class QueueSide : bool { items, room };

/// The part of a queue that does not depend on its items.
///
/// As in Python, an item belongs to nobody before a getter takes it: a woken getter looks again in
/// its turn, and lines up again, behind the others, if somebody was faster. Room for putters is
/// the same. So a woken task that was cancelled leaves the item where it is and wakes the next.
class QueueBase {
 public:
  explicit QueueBase(std::size_t maxsize) noexcept : limit_(maxsize ? maxsize : unlimited) {
    finished_.set();
  }
  QueueBase(const QueueBase&) = delete;  // waiters point at it
  QueueBase& operator=(const QueueBase&) = delete;
  ~QueueBase() {
    constexpr const char* sentence = "a queue was destroyed while a task waits for it";
    getters_.check_unused(sentence);
    putters_.check_unused(sentence);
    woken_.check_unused(sentence);
  }

  /// How many items are in it.
  [[nodiscard]] std::size_t qsize() const noexcept { return size_; }
  /// How many it takes at most; 0: any number.
  [[nodiscard]] std::size_t maxsize() const noexcept { return limit_ == unlimited ? 0 : limit_; }
  /// Nothing is in it.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// It holds maxsize() items.
  [[nodiscard]] bool full() const noexcept { return size_ >= limit_; }

  /// Says that the work on one item is done; join() waits until it is said of every item.
  /// Throws: std::invalid_argument if it was said of all already.
  void task_done() {
    if (unfinished_ == 0) throw std::invalid_argument("task_done() called too many times");
    if (unfinished_ == 1) finished_.set();
    --unfinished_;
  }
  /// Waits until task_done() was called for every item that was put.
  [[nodiscard("co_await the join")]] auto join() noexcept {
    return Waiting<Event, EventWait<GivesNothing>>(finished_);
  }
  /// "<Queue maxsize=2 qsize=2 putters[1] tasks=5>"; the items may have no text.
  friend std::string to_string(const QueueBase& queue) {
    std::string text = "<Queue maxsize=" + std::to_string(queue.maxsize()) +
                       " qsize=" + std::to_string(queue.size_);
    if (!queue.getters_.empty()) text += " getters[" + std::to_string(queue.getters_.size()) + ']';
    if (!queue.putters_.empty()) text += " putters[" + std::to_string(queue.putters_.size()) + ']';
    if (queue.unfinished_ != 0) text += " tasks=" + std::to_string(queue.unfinished_);
    return text + (queue.is_shut_down_ ? " shutdown>" : ">");
  }

 protected:
  class Node;

  [[nodiscard]] bool is_shut_down() const noexcept { return is_shut_down_; }
  /// A task need not wait: it finds what it wants, or an error.
  [[nodiscard]] bool is_over(QueueSide side) const noexcept { return has(side) || is_shut_down_; }
  /// Throws: QueueShutDown; RuntimeError where tasks of another loop waited before.
  void check_wait() {
    check_open();
    loop_.bind("Queue");
  }
  /// Throws: RuntimeError in debug mode, on another thread than that of the tasks that waited.
  void check_thread() const { loop_.check_thread(); }
  void check_open() const {
    if (is_shut_down_) [[unlikely]]
      throw QueueShutDown();
  }
  void check_put() const {
    check_open();
    if (full()) [[unlikely]]
      throw QueueFull();
  }
  void check_get() const {
    if (size_ == 0) [[unlikely]]
      throw_empty();
  }

  void item_was_put() noexcept {
    ++size_;
    ++unfinished_;
    finished_.clear();
    wake_next(getters_);
  }
  void item_was_taken() noexcept {
    --size_;
    wake_next(putters_);
  }
  void item_was_dropped() noexcept {
    --size_;
    if (unfinished_ > 0) --unfinished_;
  }
  void mark_shut_down() {
    if (unfinished_ == 0) finished_.set();
    is_shut_down_ = true;
    while (!getters_.empty()) wake_first(getters_);
    while (!putters_.empty()) wake_first(putters_);
  }
  /// Somebody was woken who cannot take what is there: the next one may.
  void pass_on(QueueSide side) noexcept {
    if (has(side)) wake_next(line(side));
  }

 private:
  [[nodiscard]] bool has(QueueSide side) const noexcept {
    return side == QueueSide::items ? size_ > 0 : !full();
  }
  [[nodiscard]] WaitQueue& line(QueueSide side) noexcept {
    return side == QueueSide::items ? getters_ : putters_;
  }
  void wake_next(WaitQueue& line) noexcept {
    if (!line.empty()) [[unlikely]]
      wake_first(line);
  }
  // Out of line, so that put and get without waiters stay small: chan_1p1c of benchmarks/micro.
  __attribute__((noinline)) void wake_first(WaitQueue& line) noexcept {
    WaitNode& node = *line.pop();
    woken_.push(node);
    wake(node);
  }
  static inline void wake(WaitNode& node) noexcept;
  [[noreturn]] __attribute__((noinline)) void throw_empty() const {
    if (is_shut_down_) throw QueueShutDown();
    throw QueueEmpty();
  }

  static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

  std::size_t limit_;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;  // put, and not yet reported by task_done()
  bool is_shut_down_ = false;
  Event finished_;  // set while nothing is unfinished
  WaitQueue getters_;
  WaitQueue putters_;
  WaitQueue woken_;  // of both, until they run
  LoopBound loop_;
};

/// A task that waits for one side of a queue. Woken, it runs in the task's place and looks first.
class QueueBase::Node final : public WaitNode, public ReadyNode {
 public:
  Node(QueueBase& queue, QueueSide side) noexcept
      : ReadyNode(&look_again), queue_(queue), side_(side) {}

  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    queue_.line(side_).push(*this);
  }
  /// Throws if the task was cancelled, and passes on what it was woken for.
  void finish() {
    if (!must_raise()) [[likely]]
      return check_queue();
    if (is_woken() && !is_orphan_) queue_.pass_on(side_);
    raise();
  }
  void wake() noexcept { wake_through(*this); }

 private:
  static void look_again(ReadyNode& node, Turn turn) noexcept {
    if (turn == Turn::discard) return;
    auto& self = static_cast<Node&>(node);
    self.is_orphan_ = !self.is_linked();
    self.unlink();
    if (self.is_orphan_ || self.must_raise() || self.queue_.is_over(self.side_))
      return self.go_on();
    self.wait_again();
    self.queue_.line(self.side_).push(self);
  }
  void check_queue() const {
    if (is_orphan_) [[unlikely]]
      throw RuntimeError("what a task waited for was destroyed");
  }

  QueueBase& queue_;
  QueueSide side_;
  bool is_orphan_ = false;  // the queue was destroyed, outside of a running loop
};

inline void QueueBase::wake(WaitNode& node) noexcept {
  // Safe because only Nodes wait at a queue.
  static_cast<Node&>(node).wake();
}

}  // namespace asyncio::detail

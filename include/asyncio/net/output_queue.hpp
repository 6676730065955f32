// Bytes on their way out of a connection, and who waits for the kernel to take them.
// Reference: the buffer of asyncio/selector_events.py, _SelectorSocketTransport.
#pragma once

#include <asyncio/config.hpp>
#include <asyncio/detail/list.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace asyncio::detail {

/// Waits until the kernel has taken everything that was queued up to a mark.
class OutputWaiter : public ListHook {
 public:
  /// Called once: the bytes were taken, or never will be.
  virtual void settle(bool accepted) noexcept = 0;

  std::uint64_t mark = 0;  // OutputQueue::total() right after its bytes
  bool gives_up = false;   // in place only: what the kernel has not taken yet is not to be sent

 protected:
  ~OutputWaiter() = default;
};

/// First in, first out. Small writes that queue up are sent together.
///
/// `current_` is what the operation in flight sends. It lies in `sending_`, or in the memory of
/// `in_place_`, whose bytes are never copied.
class OutputQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return current_.empty() && waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return current_.size() + waiting_.size(); }
  /// Bytes queued since the beginning.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

  void append(std::string_view bytes) {
    waiting_.append(bytes);
    total_ += bytes.size();
  }
  /// `waiter` is settled once everything that is queued now was taken.
  void wait(OutputWaiter& waiter) noexcept {
    waiter.mark = total_;
    waiters_.push_back(waiter);
  }
  /// Needs: empty.
  void start_in_place(std::string_view bytes, OutputWaiter& waiter) noexcept {
    current_ = bytes;
    total_ += bytes.size();
    in_place_ = &waiter;
    wait(waiter);
  }
  [[nodiscard]] bool is_in_place(const OutputWaiter& waiter) const noexcept {
    return in_place_ == &waiter;
  }

  /// What the kernel gets next; empty: nothing is left.
  [[nodiscard]] std::string_view next() noexcept {
    if (current_.empty() && !waiting_.empty()) {
      sending_.swap(waiting_);
      waiting_.clear();
      current_ = sending_;
    }
    if (current_.empty() && sending_.capacity() > kept_capacity) std::string().swap(sending_);
    return current_;
  }

  /// The operation that sent next() has ended: bytes (>= 0), or -errno.
  void sent(int result) noexcept {
    if (result > 0) current_.remove_prefix(static_cast<std::size_t>(result));
    if (in_place_) end_in_place(result);
    settle_accepted();
  }

  /// Drops everything. Needs: nothing in flight.
  void clear() noexcept {
    if (in_place_) end_in_place(-1);
    current_ = {};
    std::string().swap(sending_);
    std::string().swap(waiting_);
    refuse_queued();
  }
  /// Settles all waiters whose memory the kernel does not have.
  void refuse_queued() noexcept {
    for (OutputWaiter* waiter = waiters_.first(); waiter;) {
      OutputWaiter* const next = waiters_.next(*waiter);
      if (waiter != in_place_) settle(*waiter, false);
      waiter = next;
    }
  }

 private:
  static constexpr std::size_t kept_capacity = 16 * 1024;  // of a buffer that is empty

  /// The kernel has let go of the waiter's memory; it sends the rest, unless that is given up.
  void end_in_place(int result) noexcept {
    const bool is_accepted = current_.empty();
    if (!is_accepted && result >= 0 && !in_place_->gives_up) return;
    current_ = {};
    settle(*std::exchange(in_place_, nullptr), is_accepted);
  }
  void settle_accepted() noexcept {
    const std::uint64_t accepted = total_ - size();
    while (OutputWaiter* waiter = waiters_.first()) {
      if (waiter->mark > accepted || waiter == in_place_) return;
      settle(*waiter, true);
    }
  }
  static void settle(OutputWaiter& waiter, bool accepted) noexcept {
    waiter.unlink();
    waiter.settle(accepted);
  }

  std::string_view current_;
  std::string sending_;
  std::string waiting_;
  OutputWaiter* in_place_ = nullptr;  // null: current_ lies in sending_
  List<OutputWaiter> waiters_;        // in the order of their marks
  std::uint64_t total_ = 0;
};

}  // namespace asyncio::detail

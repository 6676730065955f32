// Operations that would wait although their descriptor is ready: tried again after a while.
// Reference: none in Python, whose sock_connect() takes such a socket for connected.
#pragma once

#include <algorithm>
#include <asyncio/backend/backend.hpp>
#include <asyncio/backend/operations.hpp>
#include <asyncio/detail/list.hpp>
#include <cerrno>
#include <chrono>

namespace asyncio::detail {

/// No readiness tells when `operation`, whose attempt answered -EAGAIN, is worth another: connect()
/// to a unix listener whose backlog is full. Its socket is writable all the time (connect(2)).
inline bool waits_for_backlog(const Operation& operation) noexcept {
  return operation.type == &connect_operation &&
         native_address(operation.buffer)->sa_family == AF_UNIX;
}

/// Keeps such operations and says when they are due: after a millisecond, then after twice as long
/// each time, up to 64 ms. No descriptor becomes readable then: a poll() that waits must end.
class Retries {
 public:
  using Duration = Backend::Duration;
  using TimePoint = Backend::TimePoint;

  static constexpr Duration shortest = std::chrono::milliseconds(1);
  static constexpr Duration longest = std::chrono::milliseconds(64);

  void add(Operation& operation, TimePoint now) noexcept {
    if (waiting_.empty()) schedule(now, shortest);
    waiting_.push_back(operation);
  }

  /// How long a poll() may wait that was asked to wait for `timeout`.
  [[nodiscard]] Duration limit(Duration timeout, TimePoint now) const noexcept {
    return std::min(timeout, std::max(Duration::zero(), Duration(due_ - now)));
  }

  /// Tries all of them once if it is time. `finish(operation, result)` unlinks those that are done.
  template <class Finish>
  void attempt(TimePoint now, Finish finish) noexcept {
    if (now < due_) return;
    for (Operation* operation = waiting_.first(); operation != nullptr;) {
      Operation* const next = waiting_.next(*operation);
      const int result = operation->type->attempt(*operation);
      if (result != -EAGAIN) finish(*operation, result);
      operation = next;
    }
    schedule(now, std::min(2 * delay_, longest));
  }

  /// When attempt() has something to do; never while nothing waits.
  [[nodiscard]] std::optional<TimePoint> next_attempt() const noexcept {
    return waiting_.empty() ? std::nullopt : std::optional(due_);
  }

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] List<Operation>& waiting() noexcept { return waiting_; }

 private:
  void schedule(TimePoint now, Duration delay) noexcept {
    delay_ = delay;
    due_ = now + delay;
  }

  List<Operation> waiting_;
  Duration delay_{};  ///< between the last attempts and the next
  TimePoint due_{};   ///< the next attempts; of no meaning while nothing waits
};

}  // namespace asyncio::detail

// timeout() and timeout_at(): scopes that cancel their task at a deadline.
// Reference: https://docs.python.org/3/library/asyncio-task.html#timeouts; asyncio/timeouts.py.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <asyncio/tasks/async_with.hpp>
#include <asyncio/tasks/sleep.hpp>

namespace asyncio {

/// The stations of a Timeout.
enum class TimeoutState : unsigned char { created, active, expiring, expired, finished };

/// The word for it, as messages use it.
[[nodiscard]] constexpr const char* to_string(TimeoutState state) noexcept {
  constexpr const char* names[] = {"created", "active", "expiring", "expired", "finished"};
  return names[static_cast<unsigned char>(state)];
}

namespace detail {

/// Throws: TimeoutError, with `cause` nested.
[[noreturn]] __attribute__((noinline)) inline void throw_timeout(const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (...) {
    std::throw_with_nested(TimeoutError());
  }
}

/// Cancels the task that opened it when its time is over, and turns that cancellation, and no other,
/// into a TimeoutError.
class TimeoutScope : private Timer {
 public:
  TimeoutScope() noexcept : Timer(&fire) {}
  ~TimeoutScope() { stop(); }

  /// Where the scope stands.
  [[nodiscard]] TimeoutState state() const noexcept { return state_; }

  /// Begins it for the current task. Throws: RuntimeError outside a task, or a second time.
  void open() {
    if (state_ != TimeoutState::created) throw RuntimeError("Timeout has already been entered");
    loop_ = &get_running_loop();
    task_ = loop_->current_task();
    if (!task_) throw RuntimeError("Timeout should be used inside a task");
    cancelling_at_entry_ = task_.cancelling();
    state_ = TimeoutState::active;
  }
  /// Lets the time run out `delay` from now.
  void start(Scheduler::duration delay) {
    loop_->reserve_timer();
    loop_->start_timer(*this, delay);
  }
  /// Lets the time run out at `when`; in the next turn if that has passed.
  void start(Scheduler::time_point when) {
    if (when <= loop_->time()) return loop_->push(*this);
    loop_->reserve_timer();
    loop_->start_timer(*this, when);
  }
  /// The time does not run out any more.
  void stop() noexcept {
    if (is_running()) loop_->stop_timer(*this);
    leave_queue();
  }

  /// Ends it. Throws: TimeoutError, with the CancelledError nested, if the time ran out and nobody
  /// else asked for a cancellation.
  void close(const std::exception_ptr& error) {
    stop();
    if (state_ == TimeoutState::active) {
      state_ = TimeoutState::finished;
      return;
    }
    state_ = TimeoutState::expired;
    const bool ours = task_.uncancel() <= cancelling_at_entry_;
    if (ours && holds<CancelledError>(error)) throw_timeout(error);
  }

 private:
  static void fire(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<TimeoutScope&>(node);
    if (turn == Turn::discard) return;
    self.state_ = TimeoutState::expiring;
    self.task_.cancel();
  }

  EventLoop* loop_ = nullptr;
  AnyTask task_;  // the one that opened it
  int cancelling_at_entry_ = 0;
  TimeoutState state_ = TimeoutState::created;
};

}  // namespace detail

/// A context manager that cancels the task in it when its deadline comes, and turns that
/// cancellation, and no other, into a TimeoutError. Entered once; may be moved before.
/// Threads: reschedule() may be called from any task of the loop.
class Timeout {
 public:
  using time_point = EventLoop::time_point;

  /// Use timeout() or timeout_at().
  explicit Timeout(std::optional<time_point> when) noexcept : when_(when) {}
  Timeout(Timeout&& other) noexcept : when_(other.when_) {
    ASYNCIO_ASSERT(other.state() == TimeoutState::created,
                   "a Timeout was moved after it was entered");
  }

  /// The deadline, if there is one.
  [[nodiscard]] std::optional<time_point> when() const noexcept { return when_; }
  /// The deadline came while the scope was open.
  [[nodiscard]] bool expired() const noexcept {
    return state() == TimeoutState::expiring || state() == TimeoutState::expired;
  }
  /// Where the scope stands.
  [[nodiscard]] TimeoutState state() const noexcept { return scope_.state(); }
  /// "<Timeout [active] when=12.346>", in seconds of the loop's clock; the deadline only while active.
  friend std::string to_string(const Timeout& timeout) {
    std::string text = "<Timeout [" + std::string(to_string(timeout.state())) + ']';
    if (timeout.state() != TimeoutState::active) return text + '>';
    if (!timeout.when_) return text + " when=None>";
    const auto when = timeout.when_->time_since_epoch();
    const auto thousandths = std::chrono::round<std::chrono::milliseconds>(when).count();
    const std::string fraction = std::to_string(1000 + thousandths % 1000).substr(1);
    return text + " when=" + std::to_string(thousandths / 1000) + '.' + fraction + '>';
  }

  /// Moves the deadline; nullopt removes it, one that has passed fires in the next turn.
  /// Throws: RuntimeError unless the scope is open and has not expired.
  void reschedule(std::optional<time_point> when) {
    if (state() == TimeoutState::created) throw RuntimeError("Timeout has not been entered");
    if (state() != TimeoutState::active)
      throw RuntimeError(std::string("Cannot change state of ") + to_string(state()) + " Timeout");
    scope_.stop();
    when_ = when;
    if (when_) scope_.start(*when_);
  }

  /// Opens the scope for the current task. Throws: RuntimeError outside a task, or a second time.
  Timeout& aenter() {
    scope_.open();
    if (when_) scope_.start(*when_);
    return *this;
  }
  /// Closes the scope. Throws: TimeoutError, with the CancelledError nested, if it expired and
  /// nobody else asked for a cancellation.
  void aexit(const std::exception_ptr& error) { scope_.close(error); }

 private:
  std::optional<time_point> when_;
  detail::TimeoutScope scope_;
};

/// A scope that lasts `delay` from this call on; nullopt: without a deadline, which reschedule()
/// may set. `co_await async_with(timeout(1s), body)`.
[[nodiscard("pass the timeout to async_with()")]] inline Timeout timeout(
    std::optional<LoopDuration> delay) {
  if (!delay) return Timeout(std::nullopt);
  return Timeout(get_running_loop().deadline_after(*delay));
}
/// Catches a number without a unit.
template <class Number>
  requires std::is_arithmetic_v<Number>
Timeout timeout(Number) {
  static_assert(sizeof(Number) == 0,
                "asyncio: timeout() needs a duration with a unit: write timeout(5s) or "
                "timeout(std::chrono::seconds(5))");
  return Timeout(std::nullopt);
}
/// A scope that ends at `when` on the loop's clock.
[[nodiscard("pass the timeout to async_with()")]] inline Timeout timeout_at(
    std::optional<EventLoop::time_point> when) {
  return Timeout(when);
}

static_assert(AsyncContextManager<Timeout>);

}  // namespace asyncio

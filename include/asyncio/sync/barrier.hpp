// Barrier: a number of tasks wait for each other.
// Reference: https://docs.python.org/3/library/asyncio-sync.html#barrier; asyncio/locks.py, Barrier.
#pragma once

#include <asyncio/sync/condition.hpp>
#include <asyncio/sync/state_text.hpp>

namespace asyncio {

/// Opens when `parties` tasks wait at it, and closes behind them: it can be used again and again.
/// Who comes while they leave belongs to the next round.
/// Lifetime: must outlive the tasks that wait at it.
class Barrier {
 public:
  /// For so many tasks. Throws: std::invalid_argument if there are none.
  explicit Barrier(int parties) : parties_(parties) {
    if (parties < 1) throw std::invalid_argument("parties must be >= 1");
  }
  Barrier(const Barrier&) = delete;  // waiters point at it
  Barrier& operator=(const Barrier&) = delete;

  /// Waits until all are there. Returns: a number from 0 to parties - 1, in order of arrival and
  /// different for each.
  /// Throws: BrokenBarrierError if the barrier is aborted, before or meanwhile, or reset meanwhile.
  /// Cancellation: the task counts no longer; the others go on waiting.
  /// Differs from Python: the numbers stay different when a task is cancelled while others wait.
  template <class OnDemand = void>
  Task<int> wait() {
    auto held = co_await condition_.scoped_acquire();
    if (is_emptying()) co_await condition_.wait_for([this] { return !is_emptying(); });
    if (broken()) throw BrokenBarrierError("Barrier aborted");
    Arrival arrival(*this);
    if (count_ == parties_) {
      change_to(State::draining);
    } else {
      co_await condition_.wait_for([this] { return state_ != State::filling; });
      if (state_ != State::draining) throw BrokenBarrierError("Abort or reset of barrier");
    }
    co_return arrival.index;
  }

  /// Sends those who wait away with a BrokenBarrierError, and makes the barrier usable as at first.
  template <class OnDemand = void>
  Task<> reset() {
    auto held = co_await condition_.scoped_acquire();
    change_to(count_ > 0 ? State::resetting : State::filling);
  }

  /// Breaks the barrier: those who wait, and who comes before reset(), get a BrokenBarrierError.
  template <class OnDemand = void>
  Task<> abort() {
    auto held = co_await condition_.scoped_acquire();
    change_to(State::broken);
  }

  /// How many tasks it takes to open it.
  [[nodiscard]] int parties() const noexcept { return parties_; }
  /// How many wait for it to open.
  [[nodiscard]] int n_waiting() const noexcept { return state_ == State::filling ? count_ : 0; }
  /// It was aborted.
  [[nodiscard]] bool broken() const noexcept { return state_ == State::broken; }

  /// "<Barrier [filling, waiters:1/3]>"
  friend std::string to_string(const Barrier& barrier) {
    constexpr const char* names[] = {"filling", "draining", "resetting", "broken"};
    std::string state = names[static_cast<unsigned char>(barrier.state_)];
    if (!barrier.broken())
      state += ", waiters:" + std::to_string(barrier.n_waiting()) + '/' +
               std::to_string(barrier.parties_);
    return detail::state_text("Barrier", std::move(state), 0);
  }

  /// For async_with(): waits; the body gets the number.
  template <class OnDemand = void>
  [[nodiscard]] Task<int> aenter() {
    return wait();
  }
  /// For async_with(): nothing.
  void aexit(const std::exception_ptr&) const noexcept {}

 private:
  enum class State : unsigned char {
    filling,    ///< tasks come and wait
    draining,   ///< all were there, and they leave
    resetting,  ///< those inside leave with an error
    broken      ///< aborted
  };

  /// A task inside, from its arrival to its leaving; the lock is held at both.
  struct Arrival : detail::ListHook {
    explicit Arrival(Barrier& b) : barrier(b), index(b.count_++) { b.inside_.push_back(*this); }
    ~Arrival() {
      // Else a loop is being closed, which destroys its tasks and the barrier in any order.
      if (is_linked() && detail::thread_state.running_loop) barrier.leave(*this);
    }
    Barrier& barrier;
    int index;
  };

  void leave(Arrival& arrival) {
    if (state_ == State::filling) close_gap_behind(arrival);
    arrival.unlink();
    if (--count_ > 0) return;
    change_to(is_emptying() ? State::filling : state_);
  }
  void close_gap_behind(Arrival& arrival) noexcept {
    Arrival* later = &arrival;
    while ((later = inside_.next(*later))) --later->index;
  }

  [[nodiscard]] bool is_emptying() const noexcept {
    return state_ == State::draining || state_ == State::resetting;
  }
  void change_to(State state) {
    state_ = state;
    condition_.notify_all();
  }

  Condition condition_;           // notified when the state changes
  detail::List<Arrival> inside_;  // in order of arrival
  int parties_;
  int count_ = 0;  // of inside_
  State state_ = State::filling;
};

}  // namespace asyncio

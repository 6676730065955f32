// Handles to scheduled callbacks.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#callback-handles
#pragma once

#include <asyncio/core/context.hpp>
#include <asyncio/core/scheduler.hpp>
#include <tuple>

namespace asyncio {
namespace detail {

/// Whether other threads hold handles to a callback: they need atomic counts and states.
enum class Sharing : bool { one_thread, many_threads };

/// A scheduled callback. Counted by its handles, and by the queue or heap in which it stands.
class HandleState : public Timer {
 public:
  virtual ~HandleState() = default;

  void add_ref() noexcept {
    if (is_shared())
      refs_.fetch_add(1, std::memory_order_relaxed);
    else
      refs_.store(refs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void drop_ref() noexcept {
    if (release(sharing_)) delete this;
  }

  /// Withdraws a callback that has not started. From another thread than the loop's it waits for
  /// one that is running (Python: the threadsafe handle's lock).
  void cancel() noexcept {
    if (!move_to(State::cancelled, sharing_)) {
      // Only a callback that runs is proof that the loop still exists.
      if (is_shared() && state_.load() == State::running && !scheduler_->runs_here())
        state_.wait(State::running);
      return;
    }
    if (is_shared()) return;  // the loop's thread forgets the callback when it meets it
    forget();
    if (!is_running()) return;
    scheduler_->stop_timer(*this);
    drop_ref();  // the heap's
  }

  [[nodiscard]] bool cancelled() const noexcept { return state_.load() == State::cancelled; }
  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] TimePoint when() noexcept { return Scheduler::deadline_of(*this, scheduler_); }

 protected:
  enum class State : unsigned char { scheduled, running, done, cancelled };

  HandleState(Run function, Scheduler& scheduler, Context context, Sharing sharing) noexcept
      : Timer(function), scheduler_(&scheduler), context_(std::move(context)), sharing_(sharing) {}

  /// Destroys the callable, and what it captured.
  virtual void forget() noexcept = 0;

  // `sharing` is what the object was made with: a constant where the caller knows it.

  /// Leaves State::scheduled; false if somebody else did so before.
  bool move_to(State next, Sharing sharing) noexcept {
    State expected = State::scheduled;
    if (sharing == Sharing::many_threads) return state_.compare_exchange_strong(expected, next);
    if (state_.load(std::memory_order_relaxed) != expected) return false;
    state_.store(next, std::memory_order_relaxed);
    return true;
  }
  void end_run(Sharing sharing) noexcept {
    if (sharing == Sharing::one_thread) return state_.store(State::done, std::memory_order_relaxed);
    state_.store(State::done, std::memory_order_release);
    state_.notify_all();
  }
  /// Gives one reference back. Returns: it was the last one.
  [[nodiscard]] bool release(Sharing sharing) noexcept {
    if (sharing == Sharing::many_threads) return refs_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    const std::uint32_t left = refs_.load(std::memory_order_relaxed) - 1;
    refs_.store(left, std::memory_order_relaxed);
    return left == 0;
  }

  __attribute__((noinline)) void fail(std::exception_ptr error) noexcept {
    if (stops_the_loop(error)) return scheduler_->interrupt(std::move(error));
    scheduler_->report({.message = "Exception in callback",
                        .exception = std::move(error),
                        .future = nullptr,
                        .handle = this,
                        .where = {}});
  }

  [[nodiscard]] Context& run_context() noexcept { return context_; }

 private:
  [[nodiscard]] bool is_shared() const noexcept { return sharing_ == Sharing::many_threads; }

  Scheduler* scheduler_;
  Context context_;
  std::atomic<std::uint32_t> refs_{2};  // whoever schedules it, and the queue or heap
  std::atomic<State> state_{State::scheduled};
  Sharing sharing_;
};

/// Blocks that other threads make and the loop frees do not come from a pool: it would only grow.
struct Unpooled {};

template <Sharing sharing, class F, class... Args>
class Callback final : public HandleState,
                       public std::conditional_t<sharing == Sharing::one_thread, Pooled, Unpooled> {
 public:
  template <class G, class... As>
  Callback(Scheduler& scheduler, Context context, G&& function, As&&... args)
      : HandleState(&run_callback, scheduler, std::move(context), sharing),
        target_(std::in_place, std::forward<G>(function),
                std::tuple<Args...>(std::forward<As>(args)...)) {}

 private:
  struct Target {
    template <class G>
    Target(G&& f, std::tuple<Args...> a) : function(std::forward<G>(f)), args(std::move(a)) {}
    F function;
    [[no_unique_address]] std::tuple<Args...> args;
  };

  static void run_callback(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<Callback&>(node);
    if (turn == Turn::run && self.move_to(State::running, sharing)) self.run_guarded();
    self.target_.reset();
    if (self.release(sharing)) delete &self;  // the queue's
  }

  void run_guarded() noexcept {
    ContextScope scope(run_context());
    try {
      std::apply(target_->function, std::move(target_->args));
    } catch (...) {
      fail(std::current_exception());
    }
    end_run(sharing);
  }

  void forget() noexcept override { target_.reset(); }

  std::optional<Target> target_;
};

}  // namespace detail

/// A callback scheduled by call_soon(). A counted reference; dropping it cancels nothing.
class Handle {
 public:
  Handle() noexcept = default;
  explicit Handle(detail::Ref<detail::HandleState> state) noexcept : state_(std::move(state)) {}

  /// Withdraws the callback and destroys what it captured; no effect once it has started.
  /// Threads: a handle of call_soon_threadsafe() may be cancelled from any thread; it then waits
  /// for a callback that is just running.
  void cancel() noexcept {
    if (state_) state_->cancel();
  }
  /// cancel() came before the callback.
  [[nodiscard]] bool cancelled() const noexcept { return state_ && state_->cancelled(); }
  /// The context in which the callback runs.
  [[nodiscard]] const Context& get_context() const noexcept { return state_->context(); }
  explicit operator bool() const noexcept { return static_cast<bool>(state_); }

  friend bool operator==(const Handle&, const Handle&) noexcept = default;

 protected:
  detail::Ref<detail::HandleState> state_;
};

/// A callback scheduled by call_later() or call_at().
class TimerHandle : public Handle {
 public:
  using Handle::Handle;

  /// The deadline, on the loop's clock.
  [[nodiscard]] std::chrono::steady_clock::time_point when() const noexcept {
    return state_->when();
  }
  friend auto operator<=>(const TimerHandle& a, const TimerHandle& b) noexcept {
    return a.when() <=> b.when();
  }
  friend bool operator==(const TimerHandle& a, const TimerHandle& b) noexcept = default;
};

}  // namespace asyncio

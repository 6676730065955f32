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
class HandleState : public Pooled, public Timer {
 public:
  HandleState(Scheduler& scheduler, Context context, Sharing sharing) noexcept
      : Timer(&run_callback),
        scheduler_(&scheduler),
        context_(std::move(context)),
        sharing_(sharing) {}
  virtual ~HandleState() = default;

  void add_ref() noexcept {
    if (is_shared())
      refs_.fetch_add(1, std::memory_order_relaxed);
    else
      refs_.store(refs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void drop_ref() noexcept {
    std::uint32_t left;
    if (is_shared()) {
      left = refs_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    } else {
      left = refs_.load(std::memory_order_relaxed) - 1;
      refs_.store(left, std::memory_order_relaxed);
    }
    if (left == 0) delete this;
  }

  /// Withdraws a callback that has not started. From another thread than the loop's it waits for
  /// one that is running (Python: the threadsafe handle's lock).
  void cancel() noexcept {
    if (!move_to(State::cancelled)) {
      // Only a callback that runs is proof that the loop still exists.
      if (is_shared() && state_.load() == State::running && !scheduler_->runs_here())
        state_.wait(State::running);
      return;
    }
    if (is_shared()) return;  // the loop's thread forgets the callback when it meets it
    forget();
    if (heap_index == not_in_heap) return;
    scheduler_->stop_timer(*this);
    drop_ref();  // the heap's
  }

  [[nodiscard]] bool cancelled() const noexcept { return state_.load() == State::cancelled; }
  [[nodiscard]] const Context& context() const noexcept { return context_; }

 protected:
  virtual void call() = 0;
  /// Destroys the callable, and what it captured.
  virtual void forget() noexcept = 0;

 private:
  enum class State : unsigned char { scheduled, running, done, cancelled };

  [[nodiscard]] bool is_shared() const noexcept { return sharing_ == Sharing::many_threads; }

  /// Leaves State::scheduled; false if somebody else did so before.
  bool move_to(State next) noexcept {
    State expected = State::scheduled;
    if (is_shared()) return state_.compare_exchange_strong(expected, next);
    if (state_.load(std::memory_order_relaxed) != expected) return false;
    state_.store(next, std::memory_order_relaxed);
    return true;
  }

  static void run_callback(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<HandleState&>(node);
    if (turn == Turn::run && self.move_to(State::running)) self.run_guarded();
    self.forget();
    self.drop_ref();  // the queue's
  }

  void run_guarded() noexcept {
    ContextScope scope(context_);
    try {
      call();
    } catch (...) {
      fail(std::current_exception());
    }
    state_.store(State::done, is_shared() ? std::memory_order_release : std::memory_order_relaxed);
    if (is_shared()) state_.notify_all();
  }

  void fail(std::exception_ptr error) noexcept {
    if (stops_the_loop(error)) return scheduler_->interrupt(std::move(error));
    scheduler_->report({.message = "Exception in callback", .exception = std::move(error),
                        .future = nullptr, .handle = this, .where = {}});
  }

  Scheduler* scheduler_;
  Context context_;
  std::atomic<std::uint32_t> refs_{0};
  std::atomic<State> state_{State::scheduled};
  Sharing sharing_;
};

template <class F, class... Args>
class Callback final : public HandleState {
 public:
  template <class G, class... As>
  Callback(Scheduler& scheduler, Context context, Sharing sharing, G&& function, As&&... args)
      : HandleState(scheduler, std::move(context), sharing),
        target_(std::in_place, std::forward<G>(function),
                std::tuple<Args...>(std::forward<As>(args)...)) {}

 private:
  struct Target {
    template <class G>
    Target(G&& f, std::tuple<Args...> a) : function(std::forward<G>(f)), args(std::move(a)) {}
    F function;
    [[no_unique_address]] std::tuple<Args...> args;
  };

  void call() override { std::apply(target_->function, std::move(target_->args)); }
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
    return state_->deadline;
  }
  friend auto operator<=>(const TimerHandle& a, const TimerHandle& b) noexcept {
    return a.when() <=> b.when();
  }
  friend bool operator==(const TimerHandle& a, const TimerHandle& b) noexcept = default;
};

}  // namespace asyncio

// Scheduling of callbacks and timers, Python's call_soon family.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#scheduling-callbacks
#pragma once

#include <asyncio/core/handle.hpp>

namespace asyncio::detail {

/// The part of an event loop that takes plain callbacks.
class CallbackScheduler : public Scheduler {
 public:
  using Scheduler::Scheduler;

  /// Calls `function(args…)` in the next turn, in a copy of the current context. First in, first out.
  /// Throws: RuntimeError if the loop is closed. Cost: one recycled block.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon(F&& function, Args&&... args) {
    return call_soon(capture_context(), std::forward<F>(function),
                     std::forward<Args>(args)...);
  }
  /// The same in `context` itself, not in a copy.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon(Context context, F&& function, Args&&... args) {
    check_usable();
    auto callback = make_callback(std::move(context), Sharing::one_thread,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the queue's
    push(*callback);
    return Handle(std::move(callback));
  }

  /// The same from any thread; wakes the loop, once for a burst of calls.
  /// Throws: RuntimeError if the loop is closed. Lifetime: the loop must not be destroyed meanwhile.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon_threadsafe(F&& function, Args&&... args) {
    if (closed_.load(std::memory_order_acquire)) throw RuntimeError("Event loop is closed");
    auto callback = make_callback(capture_context(), Sharing::many_threads,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the queue's
    push_threadsafe(*callback);
    return Handle(std::move(callback));
  }

  /// Calls `function(args…)` after `delay`; at once in the next turn if that is not positive.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(duration delay, F&& function, Args&&... args) {
    return call_at(deadline_after(delay), std::forward<F>(function), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(Context context, duration delay, F&& function, Args&&... args) {
    return call_at(std::move(context), deadline_after(delay), std::forward<F>(function),
                   std::forward<Args>(args)...);
  }

  /// Calls `function(args…)` once the loop's clock has reached `when`; never before. Equal
  /// deadlines run in the order of the calls (Differs from Python: there it is undefined).
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(time_point when, F&& function, Args&&... args) {
    return call_at(capture_context(), when, std::forward<F>(function),
                   std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(Context context, time_point when, F&& function, Args&&... args) {
    check_usable();
    reserve_timer();
    auto callback = make_callback(std::move(context), Sharing::one_thread,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the heap's
    start_timer(*callback, when);
    return TimerHandle(std::move(callback));
  }

  /// `delay` from now, without overflow.
  [[nodiscard]] time_point deadline_after(duration delay) const noexcept {
    const time_point now = time();
    return delay > time_point::max() - now ? time_point::max() : now + delay;
  }

 protected:
  void check_usable() {
    if (checked_) [[unlikely]] check_slowly();
  }
  __attribute__((noinline)) void check_slowly() {
    if (closed_) throw RuntimeError("Event loop is closed");
    if (debug_ && !may_be_used_here())
      throw RuntimeError(
          "Non-thread-safe operation invoked on an event loop other than the current one");
    if (!runs_here()) queue_posted();  // Python has one queue for both kinds of calls
  }

  void set_debug_mode(bool enabled) noexcept {
    debug_ = enabled;
    checked_ = debug_ || closed_ || !is_running_;
    watch_steps(enabled);
  }
  void set_running(bool running) noexcept {
    is_running_ = running;
    checked_ = debug_ || closed_ || !is_running_;
    set_running_here(running);
  }
  [[nodiscard]] bool debug_mode() const noexcept { return debug_; }

  /// From now on nothing is taken. Returns: false if that was so already.
  bool mark_closed() noexcept {
    checked_ = true;
    return !closed_.exchange(true);
  }
  [[nodiscard]] bool marked_closed() const noexcept { return closed_; }

 private:
  template <class F, class... Args>
  auto make_callback(Context context, Sharing sharing, F&& function, Args&&... args) {
    using State = Callback<std::decay_t<F>, std::decay_t<Args>...>;
    return Ref<HandleState>(
        new State(*this, std::move(context), sharing, std::forward<F>(function), std::forward<Args>(args)...));
  }

  std::atomic<bool> closed_{false};
  bool checked_ = true;  // closed, not running, or in debug mode: calls are looked at more closely
  bool debug_ = false;
  bool is_running_ = false;
};

}  // namespace asyncio::detail

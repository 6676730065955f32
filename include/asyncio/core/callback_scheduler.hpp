// Scheduling of callbacks and timers, Python's call_soon family.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#scheduling-callbacks
#pragma once

#include <asyncio/core/duration.hpp>
#include <asyncio/core/handle.hpp>
#include <asyncio/os/process_mark.hpp>

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
    return call_soon(capture_context(), std::forward<F>(function), std::forward<Args>(args)...);
  }
  /// The same in `context` itself, not in a copy.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon(Context context, F&& function, Args&&... args) {
    check_usable();
    HandleState* const callback = make_callback<Sharing::one_thread>(
        std::move(context), std::forward<F>(function), std::forward<Args>(args)...);
    push(*callback);
    return Handle(Ref<HandleState>::adopt(callback));
  }

  /// The same from any thread; wakes the loop, once for a burst of calls.
  /// Throws: RuntimeError if the loop is closed. Lifetime: the loop must not be destroyed meanwhile.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon_threadsafe(F&& function, Args&&... args) {
    if (closed_.load(std::memory_order_acquire)) throw RuntimeError("Event loop is closed");
    check_not_inherited();
    HandleState* const callback = make_callback<Sharing::many_threads>(
        capture_context(), std::forward<F>(function), std::forward<Args>(args)...);
    push_threadsafe(*callback);
    return Handle(Ref<HandleState>::adopt(callback));
  }

  /// Calls `function(args…)` after `delay`; at once in the next turn if that is not positive.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(LoopDuration delay, F&& function, Args&&... args) {
    return call_when(capture_context(), delay, std::forward<F>(function),
                     std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(Context context, LoopDuration delay, F&& function, Args&&... args) {
    return call_when(std::move(context), delay, std::forward<F>(function),
                     std::forward<Args>(args)...);
  }

  /// Calls `function(args…)` once the loop's clock has reached `when`; never before. Equal
  /// deadlines run in the order of the calls (Differs from Python: there it is undefined).
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(time_point when, F&& function, Args&&... args) {
    return call_when(capture_context(), when, std::forward<F>(function),
                     std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(Context context, time_point when, F&& function, Args&&... args) {
    return call_when(std::move(context), when, std::forward<F>(function),
                     std::forward<Args>(args)...);
  }

  /// This process is a forked child and the loop its parent's: nothing can be done with it here.
  [[nodiscard]] bool is_inherited() const noexcept { return process_.is_inherited(); }

 protected:
  void check_not_inherited() const {
    if (is_inherited()) [[unlikely]]
      std::rethrow_exception(inherited_error());
  }
  /// Made once, so that a forked child need not allocate.
  static const std::exception_ptr& inherited_error() {
    static const std::exception_ptr error = std::make_exception_ptr(RuntimeError(
        "This event loop belongs to the parent process: a forked child needs its own"));
    return error;
  }
  /// In a forked child: what would go on in the parent ends here.
  void mark_inherited() noexcept {
    checked_ = true;
    interrupt(inherited_error());
  }

  void check_usable() {
    if (checked_) [[unlikely]]
      check_slowly();
  }
  /// Debug mode, closed, or not running.
  __attribute__((noinline)) void check_slowly() {
    if (closed_) throw RuntimeError("Event loop is closed");
    check_not_inherited();
    if (debug_ && !may_be_used_here()) throw RuntimeError(not_thread_safe);
    if (!running_) take_inbox();  // what call_soon_threadsafe() took before comes first
  }
  [[nodiscard]] bool is_checked() const noexcept { return checked_; }

  void set_debug_mode(bool enabled) noexcept {
    debug_ = enabled;
    watch_steps(enabled);
    decide_checks();
  }
  void set_running(bool running) noexcept {
    running_ = running;
    set_running_here(running);
    decide_checks();
  }
  [[nodiscard]] bool running() const noexcept { return running_; }
  [[nodiscard]] bool debug_mode() const noexcept { return debug_; }

  /// From now on nothing is taken. Returns: false if that was so already.
  bool mark_closed() noexcept {
    checked_ = true;
    return !closed_.exchange(true);
  }
  [[nodiscard]] bool marked_closed() const noexcept { return closed_; }

 private:
  /// `when`: a deadline, or a delay.
  template <class When, class F, class... Args>
  TimerHandle call_when(Context context, When when, F&& function, Args&&... args) {
    check_usable();
    // In this order: copying the function may start a timer.
    auto handle = Ref<HandleState>::adopt(make_callback<Sharing::one_thread>(
        std::move(context), std::forward<F>(function), std::forward<Args>(args)...));
    auto queued = Ref<HandleState>::adopt(handle.get());
    reserve_timer();
    start_timer(*queued.release(), when);
    return TimerHandle(std::move(handle));
  }

  /// With one reference for the caller's handle, and one for the queue or heap.
  template <Sharing sharing, class F, class... Args>
  HandleState* make_callback(Context context, F&& function, Args&&... args) {
    return new Callback<sharing, std::decay_t<F>, std::decay_t<Args>...>(
        *this, std::move(context), std::forward<F>(function), std::forward<Args>(args)...);
  }

  void decide_checks() noexcept { checked_ = debug_ || closed_ || !running_; }

  std::atomic<bool> closed_{false};
  os::ProcessMark process_;
  bool checked_ = true;  // closed, inherited, not running or in debug mode: calls need a close look
  bool debug_ = false;
  bool running_ = false;  // inside run_forever() and the like
};

}  // namespace asyncio::detail

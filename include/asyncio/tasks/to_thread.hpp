// to_thread(): a blocking function on another thread, awaited.
// Reference: https://docs.python.org/3/library/asyncio-task.html#running-in-threads
#pragma once

#include <asyncio/tasks/default_executor.hpp>

namespace asyncio {

/// First argument of to_thread(): a cancellation waits until the function has returned.
struct WaitForThread {
  explicit WaitForThread() = default;
};
inline constexpr WaitForThread wait_for_thread{};

namespace detail {

/// Awaits a job to its end. A cancellation withdraws a job that has not started; another one is
/// asked to stop and awaited, its outcome is given, and the request is raised at the next suspension.
template <class Call>
class JobWait final : public FutureWait {
 public:
  using Result = typename Call::Result;

  explicit JobWait(const StartedCall<Call>& started) noexcept
      : FutureWait(started.future), job_(started.job) {}

  bool cancel(const std::exception_ptr& reason) noexcept override {
    if (future_->done()) return false;
    if (!job_->take_back()) {
      job_->request_stop();
      return false;
    }
    static_cast<DeliveredFuture<Result>&>(*future_).settle_withdrawn(reason);
    return true;
  }
  Result await_resume() {
    if (future_->ends_cancelled()) check_cancelled();
    future_->throw_failure();
    if constexpr (std::is_void_v<Result>)
      return;
    else if constexpr (std::is_reference_v<Result>)
      return result_reference<Result>(*future_);
    else
      return std::move(result_reference<Result>(*future_));
  }

 private:
  Ref<CallJob<Call>> job_;
};

template <class Call>
StartedCall<Call> start_in_thread(Call& call) {
  EventLoop& loop = get_running_loop();
  return StartedCall<Call>(loop, loop.service<DefaultExecutor>().get(), std::move(call),
                           copy_context(), std::source_location::current());
}

template <class Call>
Task<typename Call::Result> call_in_thread(Call call) {
  const StartedCall<Call> started = start_in_thread(call);
  co_return co_await FutureTake<typename Call::Result>(started.future);
}

template <class Call>
Task<typename Call::Result> call_in_thread_to_the_end(Call call) {
  const StartedCall<Call> started = start_in_thread(call);
  co_return co_await JobWait<Call>(started);
}

template <class F, class... Args>
constexpr void check_thread_function() {
  check_callable_temporary<F>();
  static_assert(ThreadFunction<F, Args...>,
                "asyncio: to_thread() needs a function that can be called with copies of the "
                "arguments, perhaps with a std::stop_token in front");
}

}  // namespace detail

/// Calls `function(args…)` on a thread of the default executor, in a copy of the current context,
/// and gives what it returns. The function and its arguments are copied or moved into the call, which
/// starts when the task is awaited. If the function takes a std::stop_token first, it gets one.
/// Throws: what the function throws; RuntimeError after shutdown_default_executor().
/// Cancellation: at once. A call that has not started is withdrawn; one that runs is asked by its
/// stop token, and what it returns is dropped: whatever it refers to must live on.
template <class F, class... Args>
  requires(!std::same_as<std::remove_cvref_t<F>, WaitForThread>)
[[nodiscard("co_await the to_thread()")]] auto to_thread(F&& function, Args&&... args) {
  detail::check_thread_function<F, Args...>();
  return detail::call_in_thread(
      detail::bind_call(std::forward<F>(function), std::forward<Args>(args)...));
}

/// The same, for a function that refers to what the caller owns.
/// Cancellation: asks the stop token and waits until the function has returned; then what it returned
/// is given, and the CancelledError comes at the next suspension. A call that has not started is
/// withdrawn.
template <class F, class... Args>
[[nodiscard("co_await the to_thread()")]] auto to_thread(WaitForThread, F&& function,
                                                         Args&&... args) {
  detail::check_thread_function<F, Args...>();
  return detail::call_in_thread_to_the_end(
      detail::bind_call(std::forward<F>(function), std::forward<Args>(args)...));
}

}  // namespace asyncio

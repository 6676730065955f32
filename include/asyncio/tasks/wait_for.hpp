// wait_for(): awaits something, but not longer than a while.
// Reference: https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for
#pragma once

#include <asyncio/tasks/callback_wait.hpp>
#include <asyncio/tasks/timeout.hpp>

namespace asyncio {
namespace detail {

/// A timeout of zero or less: what is done is taken, the rest is cancelled without having run.
template <class H>
Task<typename H::result_type> cancel_unless_done(H future) {
  using T = typename H::result_type;
  const bool was_done = future.done();
  if (!was_done) {
    future.cancel();
    CallbackWait finished(future.shared_state());
    co_await finished;
  }
  Outcome<T> outcome = co_await FutureOutcome<T>(future.shared_state());
  if (outcome.cancelled() && !was_done) throw_timeout(outcome.error());
  co_return outcome.take();
}

template <class T>
OutcomeOfTask<T> outcome_of(Task<T>& task) noexcept {
  return OutcomeOfTask<T>(std::move(task));
}
template <FutureLike H>
FutureOutcome<typename H::result_type> outcome_of(H& future) noexcept {
  return FutureOutcome<typename H::result_type>(future.shared_state());
}

/// The awaitable, a Task or a handle, is awaited in the calling task, inside a timeout scope.
template <class A, class T>
Task<T> await_within(A inner, Scheduler::duration limit) {
  TimeoutScope scope;
  scope.open();
  scope.start(limit);
  Outcome<T> outcome = co_await outcome_of(inner);
  scope.close(outcome.error());
  co_return outcome.take();
}

template <class A, class T>
Task<T> wait_for(A inner, std::optional<Scheduler::duration> limit) {
  if (!limit) return own_awaitable<A>(std::move(inner));
  if (*limit > Scheduler::duration::zero()) return await_within<A, T>(std::move(inner), *limit);
  return cancel_unless_done(ensure_future(std::move(inner)));
}

}  // namespace detail

/// Awaits `awaitable`, or what the callable returns, at most for `limit`; nullopt: without limit.
/// When the time is over the awaitable is cancelled and awaited to its end: an error or a value it
/// answers with is what wait_for() gives. Zero or less: a Task does not execute a statement.
/// Throws: TimeoutError; what the awaitable throws.
/// Cancellation: cancels the awaitable and waits for it.
template <class A>
[[nodiscard("co_await the wait_for()")]] auto wait_for(A&& awaitable,
                                                       std::optional<LoopDuration> limit) {
  detail::check_callable_temporary<A>();
  if constexpr (FutureLike<A>) {
    using H = std::remove_cvref_t<A>;
    return detail::wait_for<H, typename H::result_type>(H(std::forward<A>(awaitable)), limit);
  } else {
    auto task = detail::to_task(std::forward<A>(awaitable));
    using T = typename decltype(task)::result_type;
    return detail::wait_for<Task<T>, T>(std::move(task), limit);
  }
}

/// Catches a number without a unit.
template <class A, class Number>
  requires std::is_arithmetic_v<Number>
Task<> wait_for(A&&, Number) {
  static_assert(sizeof(Number) == 0,
                "asyncio: wait_for() needs a duration with a unit: write wait_for(awaitable, 5s)");
  return {};
}

}  // namespace asyncio

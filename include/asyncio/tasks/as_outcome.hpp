// as_outcome(): a failure or cancellation as a value, nothing thrown.
// Reference: none in Python; gather(return_exceptions=True) for one awaitable.
#pragma once

#include <asyncio/core/task_handle.hpp>

namespace asyncio {
namespace detail {

template <class A>
Task<Outcome<await_result_t<A>>> catch_outcome(A awaitable) {
  using T = await_result_t<A>;
  Outcome<T> outcome;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::forward<A>(awaitable);
      outcome.set_value();
    } else if constexpr (std::is_lvalue_reference_v<T>) {
      T result = co_await std::forward<A>(awaitable);
      outcome.set_value(Reference<std::remove_reference_t<T>>{&result});
    } else {
      outcome.set_value(co_await std::forward<A>(awaitable));
    }
  } catch (...) {
    outcome.set_error(std::current_exception());
  }
  co_return outcome;
}

}  // namespace detail

/// `co_await as_outcome(aw)` gives an Outcome: the result, or the exception or cancellation that
/// `aw` ended by. Cost: none beyond awaiting `aw`; a throw costs two microseconds and is avoided.
template <class T>
[[nodiscard("co_await the outcome")]] detail::OutcomeOfTask<T> as_outcome(Task<T>&& task) noexcept {
  return detail::OutcomeOfTask<T>(std::move(task));
}
/// For a future or handle: its result is copied, or moved where it cannot be copied. Where the
/// awaiting task is cancelled when the future is done already, that is the outcome.
template <FutureLike F>
[[nodiscard("co_await the outcome")]] auto as_outcome(const F& future) noexcept {
  return detail::FutureOutcome<typename F::result_type>(future.shared_state());
}
template <Awaitable A>
  requires(!FutureLike<A> && !detail::is_task<A>)
[[nodiscard("co_await the outcome")]] auto as_outcome(A&& awaitable) {
  return detail::catch_outcome<A>(std::forward<A>(awaitable));
}

}  // namespace asyncio

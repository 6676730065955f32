// async_with(): enters an asynchronous context manager, runs a body, and always leaves.
// Reference: Python's `async with`; PEP 492.
#pragma once

#include <asyncio/tasks/as_outcome.hpp>

namespace asyncio {
namespace detail {

/// A value where an awaitable is expected.
template <class T>
class Immediate {
 public:
  explicit Immediate(T value) : value_(std::forward<T>(value)) {}
  bool await_ready() const noexcept { return true; }
  void suspend(PromiseBase&) const noexcept {}
  T await_resume() { return std::forward<T>(value_); }

 private:
  T value_;
};
template <>
class Immediate<void> {
 public:
  bool await_ready() const noexcept { return true; }
  void suspend(PromiseBase&) const noexcept {}
  void await_resume() const noexcept {}
};

/// Calls `function`; what it gives is awaited if it can be.
template <class F>
auto call_awaitable(F&& function) {
  using R = decltype(function());
  if constexpr (Awaitable<R>) {
    return function();
  } else if constexpr (std::is_void_v<R>) {
    function();
    return Immediate<void>();
  } else {
    return Immediate<R>(function());
  }
}

template <class CM>
auto enter(CM& manager) {
  return call_awaitable([&manager]() -> decltype(auto) { return manager.aenter(); });
}
template <class CM>
auto leave(CM& manager, std::exception_ptr error) {
  return call_awaitable([&]() -> decltype(auto) { return manager.aexit(std::move(error)); });
}

template <class CM>
using entered_t = await_result_t<decltype(enter(std::declval<CM&>()))>;
template <class CM>
using left_t = await_result_t<decltype(leave(std::declval<CM&>(), std::exception_ptr()))>;

/// What the body is called with: what aenter() gave, or nothing if it takes nothing.
template <class Body, class Entered>
struct BodyResult {
  using type = std::invoke_result_t<Body&, Entered>;
};
template <class Body, class Entered>
  requires std::invocable<Body&>
struct BodyResult<Body, Entered> {
  using type = std::invoke_result_t<Body&>;
};

}  // namespace detail

/// A type with `aenter()` and `aexit(std::exception_ptr)`. aenter() gives what the body is called
/// with; aexit() gets the body's exception, or null, and swallows it by giving true. Both may
/// return an awaitable or a plain value.
template <class CM>
concept AsyncContextManager = requires(CM& manager, std::exception_ptr error) {
  manager.aenter();
  manager.aexit(error);
};

namespace detail {

template <class Body, class Entered>
using body_value_t = await_result_t<typename BodyResult<Body, Entered>::type>;

/// A scope whose manager may swallow has perhaps no value.
template <class T, bool swallows>
struct ScopeValue {
  using type = T;
};
template <class T>
  requires(!std::is_void_v<T>)
struct ScopeValue<T, true> {
  using type = std::optional<T>;
};

template <class CM>
inline constexpr bool may_swallow = std::same_as<std::remove_cvref_t<left_t<CM>>, bool>;

template <class Body, class Entered>
auto call_body(Body& body, Entered&& entered) {
  if constexpr (std::invocable<Body&>)
    return body();
  else
    return body(std::forward<Entered>(entered));
}

/// Starts the body; a body that throws before it gives an awaitable has failed all the same.
template <class Body, class Entered, class T>
auto start_body(Body& body, Entered&& entered, Outcome<T>& outcome) {
  std::optional<typename BodyResult<Body, Entered>::type> running;
  try {
    running.emplace(call_body(body, std::forward<Entered>(entered)));
  } catch (...) {
    outcome.set_error(std::current_exception());
  }
  return running;
}

/// `CM` is a reference for a borrowed manager.
template <class CM, class Body>
Task<typename ScopeValue<body_value_t<Body, entered_t<CM>>, may_swallow<CM>>::type> run_scope(
    CM manager, Body body) {
  using T = body_value_t<Body, entered_t<CM>>;
  Outcome<T> outcome;
  if constexpr (std::is_void_v<entered_t<CM>>) {
    co_await enter(manager);
    auto running = start_body(body, None(), outcome);
    if (running) outcome = co_await as_outcome(std::move(*running));
  } else {
    entered_t<CM> entered = co_await enter(manager);
    auto running = start_body(body, std::forward<entered_t<CM>>(entered), outcome);
    if (running) outcome = co_await as_outcome(std::move(*running));
  }
  if constexpr (may_swallow<CM>) {
    const bool swallowed = co_await leave(manager, outcome.error());
    if (swallowed && !outcome.has_value()) {
      if constexpr (std::is_void_v<T>)
        co_return;
      else
        co_return std::nullopt;
    }
  } else {
    co_await leave(manager, outcome.error());
  }
  co_return outcome.take();
}

/// A body that cannot be copied is borrowed: it has a name, and the scope is awaited at the call.
template <class Body>
using owned_body_t = std::conditional_t<std::is_lvalue_reference_v<Body> &&
                                            !std::is_copy_constructible_v<std::decay_t<Body>>,
                                        Body, std::decay_t<Body>>;

}  // namespace detail

/// Enters `manager`, awaits `body(entered)` or `body()`, and leaves, whatever the body did.
/// An rvalue manager is owned by the scope, an lvalue borrowed. The body is copied or moved in.
/// Returns: what the body gives; where aexit() may swallow, a std::optional of it.
/// Throws: what the body threw, unless it was swallowed; what aexit() throws instead.
/// Cancellation: raised inside the body; aexit() then runs before it leaves the scope.
template <AsyncContextManager CM, class Body>
[[nodiscard("co_await the scope")]] auto async_with(CM&& manager, Body&& body) {
  detail::check_callable_temporary<Body>();
  using Owned = std::conditional_t<std::is_lvalue_reference_v<CM>, CM, std::remove_cvref_t<CM>>;
  return detail::run_scope<Owned, detail::owned_body_t<Body>>(std::forward<CM>(manager),
                                                              std::forward<Body>(body));
}

}  // namespace asyncio

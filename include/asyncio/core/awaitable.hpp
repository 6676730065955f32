// What can be awaited in our coroutines, and how each kind of it suspends.
// Reference: Python's awaitable protocol; docs/architecture.md, "the await protocol".
#pragma once

#include <asyncio/core/outcome.hpp>
#include <asyncio/core/task_base.hpp>
#include <asyncio/fwd.hpp>
#include <concepts>
#include <coroutine>
#include <type_traits>

namespace asyncio {
namespace detail {

/// The end of a wait inside the library: `suspend` takes the frame to resume, queues nothing
/// inline, and cannot fail.
template <class A>
concept Leaf = requires(A& awaiter, PromiseBase& frame) {
  { awaiter.await_ready() } -> std::same_as<bool>;
  { awaiter.suspend(frame) } noexcept;
  awaiter.await_resume();
};

/// An awaiter written for any coroutine: it keeps the handle and calls resume() on it.
template <class A>
concept ForeignAwaiter = !Leaf<A> && requires(A& awaiter, std::coroutine_handle<> handle) {
  { awaiter.await_ready() } -> std::convertible_to<bool>;
  awaiter.await_suspend(handle);
  awaiter.await_resume();
};

template <class A>
concept HasMemberCoAwait = requires(A&& a) { std::forward<A>(a).operator co_await(); };
template <class A>
concept HasFreeCoAwait = requires(A&& a) { operator co_await(std::forward<A>(a)); };

/// Gives the awaiter of an awaitable: a prvalue from operator co_await, or the object itself.
template <class A>
decltype(auto) get_awaiter(A&& awaitable) {
  if constexpr (HasMemberCoAwait<A>)
    return std::forward<A>(awaitable).operator co_await();
  else if constexpr (HasFreeCoAwait<A>)
    return operator co_await(std::forward<A>(awaitable));
  else
    return std::forward<A>(awaitable);
}

template <class A>
using awaiter_t = std::remove_reference_t<decltype(get_awaiter(std::declval<A>()))>;

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {
  using result = T;
};
template <class A>
inline constexpr bool is_task = IsTask<std::remove_cvref_t<A>>::value;
/// In a negation is_task is used: g++ 12.2 sometimes forgets what it found for a negated concept.
template <class A>
concept TaskType = is_task<A>;
/// A Task that may be consumed: an rvalue that is not const.
template <class A>
concept TaskRvalue =
    TaskType<A> && !std::is_reference_v<std::remove_cvref_t<A>> &&
    std::is_rvalue_reference_v<A&&> && !std::is_const_v<std::remove_reference_t<A>>;

/// An object that makes a fresh coroutine each time it is awaited.
template <class A>
concept CallSource = requires(A& source) {
  { source.make_call() } -> TaskType;
};

template <class A>
struct AwaitResult {
  using type = decltype(std::declval<awaiter_t<A>&>().await_resume());
};
template <TaskType A>
struct AwaitResult<A> {
  using type = typename IsTask<std::remove_cvref_t<A>>::result;
};
template <CallSource A>
struct AwaitResult<A> : AwaitResult<decltype(std::declval<A&>().make_call())> {};

/// co_await of a leaf: the one place where a coroutine suspends inside the library, besides calls.
/// `A` is the leaf's type, or a reference to it.
template <class A>
class LeafAwait {
 public:
  template <class Make>
  explicit LeafAwait(Make&& make) : leaf_(std::forward<Make>(make)()) {}

  bool await_ready() { return leaf_.await_ready(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) noexcept {
    leaf_.suspend(awaiting.promise());
  }
  decltype(auto) await_resume() { return leaf_.await_resume(); }

 private:
  A leaf_;
};

}  // namespace detail

/// A type for which co_await is well formed in our coroutines: a Task that may be consumed, a
/// future or handle, what the library's functions return, and any awaiter of the language.
template <class A>
concept Awaitable = detail::TaskRvalue<A> || detail::CallSource<A> ||
                    (!detail::is_task<A> && (detail::Leaf<detail::awaiter_t<A>> ||
                                             detail::ForeignAwaiter<detail::awaiter_t<A>>));

/// What co_await gives for an A.
template <Awaitable A>
using await_result_t = typename detail::AwaitResult<A>::type;

}  // namespace asyncio

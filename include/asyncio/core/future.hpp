// Future<T>: the outcome of something that somebody else will set.
// Reference: https://docs.python.org/3/library/asyncio-future.html
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/future_wait.hpp>

namespace asyncio {
namespace detail {

template <class T>
class FutureState final : public WithResult<T> {
 public:
  FutureState(Scheduler& scheduler, std::source_location where) noexcept
      : WithResult<T>(scheduler, where) {}
};

/// What Future<T> and TaskHandle<T> have in common: reading the result, and awaiting it.
template <class T, class Derived>
class ResultAccess {
 public:
  /// The result. Throws: the stored exception; CancelledError; InvalidStateError while pending.
  decltype(auto) result() const {
    FutureBase& future = *shared();
    future.require_done("Result is not set.");
    future.throw_failure();
    return result_reference<T>(future);
  }

  /// `co_await future`: a reference to the result; may be repeated.
  FutureAwait<T> operator co_await() const& noexcept { return FutureAwait<T>(shared()); }
  /// `co_await std::move(future)`: the result, moved out.
  FutureTake<T> operator co_await() && noexcept {
    return FutureTake<T>(static_cast<Derived*>(this)->take_state());
  }

 private:
  [[nodiscard]] const Ref<FutureBase>& shared() const noexcept {
    return static_cast<const Derived*>(this)->shared_state();
  }
};

}  // namespace detail

/// A counted reference to an outcome. Copies refer to the same one; compares by identity.
/// Threads: the loop's; call_soon_threadsafe() is the way in from others.
template <class T>
class Future : public AnyFuture, public detail::ResultAccess<T, Future<T>> {
 public:
  using result_type = T;
  using AnyFuture::AnyFuture;

  /// Sets the result; whoever waits runs in the next turn, never inside this call.
  /// Throws: InvalidStateError if it is done; RuntimeError if it is a task.
  template <class... Args>
    requires std::constructible_from<detail::stored_result_t<T>, Args...>
  void set_result(Args&&... args) const {
    require_settable("set_result");
    std::construct_at(static_cast<detail::stored_result_t<T>*>(state_->result_slot()),
                      std::forward<Args>(args)...);
    state_->settle_result();
  }

  /// Sets an exception. A CancelledError set this way does not make it cancelled() (as in Python).
  void set_exception(std::exception_ptr error) const {
    if (!error) throw std::invalid_argument("asyncio: set_exception() needs an exception");
    require_settable("set_exception");
    state_->settle_error(std::move(error));
  }
  template <class E>
    requires(!std::same_as<std::remove_cvref_t<E>, std::exception_ptr>)
  void set_exception(E&& error) const {
    set_exception(std::make_exception_ptr(std::forward<E>(error)));
  }

  /// As AnyFuture::add_done_callback(), with this type of handle.
  template <class F>
    requires std::invocable<std::decay_t<F>&, Future>
  CallbackId add_done_callback(F&& function) const {
    return this->template add_callback<Future>(detail::capture_context(),
                                               std::forward<F>(function));
  }
  /// The same in `context` itself.
  template <class F>
    requires std::invocable<std::decay_t<F>&, Future>
  CallbackId add_done_callback(Context context, F&& function) const {
    return this->template add_callback<Future>(std::move(context), std::forward<F>(function));
  }

  friend bool operator==(const Future& a, const Future& b) noexcept {
    return static_cast<const AnyFuture&>(a) == static_cast<const AnyFuture&>(b);
  }

 private:
  void require_settable(const char* operation) const {
    if (state_->is_task()) [[unlikely]]
      throw_is_task(operation);
    state_->require_pending();
  }
  [[noreturn]] __attribute__((noinline)) static void throw_is_task(const char* operation) {
    throw RuntimeError(std::string("Task does not support ") + operation + " operation");
  }
};

template <class T>
Future<T> EventLoop::create_future(std::source_location where) {
  return Future<T>(detail::Ref<detail::FutureBase>(new detail::FutureState<T>(*this, where)));
}

/// Python's isfuture(): futures and tasks, of any type.
template <class T>
concept FutureLike = std::derived_from<std::remove_cvref_t<T>, AnyFuture>;

/// The same as a function of an object.
template <class T>
[[nodiscard]] constexpr bool isfuture(const T&) noexcept {
  return FutureLike<T>;
}

}  // namespace asyncio

template <class T>
struct std::hash<asyncio::Future<T>> {
  std::size_t operator()(const asyncio::Future<T>& future) const noexcept { return future.hash(); }
};

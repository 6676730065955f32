// shield(): protects something from the cancellation of whoever awaits it.
// Reference: https://docs.python.org/3/library/asyncio-task.html#shielding-from-cancellation
#pragma once

#include <asyncio/core/flat_destruction.hpp>
#include <asyncio/core/task_handle.hpp>

namespace asyncio {
namespace detail {

/// The outer future: mirrors the inner one until it is cancelled itself.
/// Counted by its handles, and by itself while it watches.
template <class T>
class ShieldState final : public WithResult<T> {
 public:
  ShieldState(Scheduler& scheduler, std::source_location where) noexcept
      : WithResult<T>(scheduler, where) {}

  /// Shields of shields may be many.
  ~ShieldState() override { destroy_flat(inner_.release()); }

  void watch(Ref<FutureBase> inner) noexcept {
    this->add_ref();
    is_watching_ = true;
    inner_.watch(*this, std::move(inner));
  }

  /// Only the outer future is cancelled; every link to the inner one is cut.
  bool cancel(const std::exception_ptr& reason) noexcept override {
    if (this->done()) return FutureBase::cancel(reason);
    inner_.stop();
    this->settle_cancelled(reason);
    stop_watching();
    return true;
  }

  /// Nothing will come any more; Python's garbage collector ends such a pair.
  void child_abandoned() noexcept { stop_watching(); }

  void child_done(FutureBase& inner) noexcept {
    if (inner.cancelled())
      this->settle_cancelled(nullptr);
    else if (!inner.succeeded())
      this->settle_error(inner.failure());
    else
      copy_result(inner);
    stop_watching();
  }

 private:
  /// May end the outer future.
  void stop_watching() noexcept {
    if (std::exchange(is_watching_, false)) destroy_flat(Ref<FutureBase>::adopt(this));
  }
  void copy_result(FutureBase& inner) noexcept {
    auto& value = *static_cast<stored_result_t<T>*>(inner.result_slot());
    try {
      if constexpr (std::is_copy_constructible_v<stored_result_t<T>>)
        this->slot_.construct(value);
      else
        this->slot_.construct(std::move(value));
      this->settle_result();
    } catch (...) {
      this->settle_error(std::current_exception());
    }
  }

  ChildSubscription<ShieldState> inner_;
  bool is_watching_ = false;  // and counts itself
};

}  // namespace detail

/// A future that ends as `awaitable` does. Cancelling it, or the task that awaits it, leaves the
/// inner work running; the loop keeps that alive. What is done already is returned itself.
/// A Task, callable or other awaitable is scheduled as a task first.
template <class A>
[[nodiscard("await or keep the shield")]] auto shield(
    A&& awaitable, std::source_location where = std::source_location::current()) {
  auto inner = ensure_future(std::forward<A>(awaitable), where);
  using T = typename decltype(inner)::result_type;
  if (inner.done()) return Future<T>(inner.shared_state());
  detail::FutureBase& state = *inner.shared_state();
  auto* const outer = new detail::ShieldState<T>(state.scheduler(), where);
  Future<T> result{detail::Ref<detail::FutureBase>(outer)};
  outer->watch(inner.shared_state());
  return result;
}

}  // namespace asyncio

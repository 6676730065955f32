// co_await of a future or task: one subscriber, which wakes the awaiting task.
// Reference: asyncio/tasks.py, Task.__wakeup.
#pragma once

#include <asyncio/core/awaitable.hpp>
#include <asyncio/core/future_base.hpp>

namespace asyncio::detail {

/// The wait itself. Cancelling it cancels the future, as in Python; a request that comes after the
/// future is done is raised at the resumption, and the result stays in the future.
class FutureWait : public Suspension, private Subscriber {
 public:
  explicit FutureWait(Ref<FutureBase> future) noexcept
      : Subscriber(&wake_task), future_(std::move(future)) {}

  bool await_ready() const noexcept { return future_->done(); }

  void suspend(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    if (&future_->scheduler() != &task_->scheduler() || future_.get() == task_) [[unlikely]]
      return task_->yield(frame);  // Python raises these one turn later, inside the coroutine
    task_->suspend(frame, this);
    future_->subscribe(*this);
  }

  bool cancel(const std::exception_ptr& reason) noexcept override {
    return future_->cancel(reason);
  }
  void detach() noexcept override { unlink(); }
  FutureBase* awaited_future() noexcept override { return future_.get(); }

 protected:
  ASYNCIO_ALWAYS_INLINE ~FutureWait() {}

  /// Returns when the future holds a result; throws what else there is.
  ASYNCIO_ALWAYS_INLINE void resume() {
    if (future_->succeeded() && !(task_ && task_->must_cancel())) [[likely]]
      return;
    check_cancelled();
    future_->throw_failure();
  }
  /// Throws a cancellation of the awaiting task that did not reach the future, and misuse.
  __attribute__((noinline)) void check_cancelled() {
    if (!task_) return;  // it was done before, nothing was waited for
    if (future_->ends_cancelled())
      task_->forget_requested();
    else
      task_->deliver_cancel();
    if (!future_->done()) [[unlikely]]
      throw_misuse();
  }

  Ref<FutureBase> future_;

 private:
  static void wake_task(Subscriber& self, FutureBase*) noexcept {
    static_cast<FutureWait&>(self).task_->wake();
  }
  [[noreturn]] __attribute__((noinline)) void throw_misuse() const {
    if (future_.get() == task_) throw RuntimeError("Task cannot await on itself");
    throw RuntimeError("Task got Future attached to a different loop");
  }

  TaskBase* task_ = nullptr;
};

/// Reads the result slot of a future that succeeded.
template <class T>
[[nodiscard]] decltype(auto) result_reference(FutureBase& future) noexcept {
  [[maybe_unused]] auto& slot = *static_cast<stored_result_t<T>*>(future.result_slot());
  if constexpr (std::is_void_v<T>)
    return;
  else if constexpr (std::is_reference_v<T>)
    return static_cast<T>(*slot.target);
  else
    return static_cast<T&>(slot);
}

/// co_await of an lvalue handle: a reference to the result, which stays in the future.
template <class T>
class FutureAwait final : public FutureWait {
 public:
  using FutureWait::FutureWait;
  decltype(auto) await_resume() {
    resume();
    return result_reference<T>(*future_);
  }
};

/// co_await of an rvalue handle: the result, moved out.
template <class T>
class FutureTake final : public FutureWait {
 public:
  using FutureWait::FutureWait;
  T await_resume() {
    resume();
    if constexpr (std::is_void_v<T>)
      return;
    else if constexpr (std::is_reference_v<T>)
      return result_reference<T>(*future_);
    else
      return std::move(result_reference<T>(*future_));
  }
};

/// co_await as_outcome(handle): the failure as a value; so is the cancellation of the awaiting task
/// that did not reach the future. Throws nothing but what copying the result throws.
template <class T>
class FutureOutcome final : public FutureWait {
 public:
  using FutureWait::FutureWait;
  Outcome<T> await_resume() {
    Outcome<T> outcome;
    try {
      check_cancelled();
    } catch (...) {
      outcome.set_error(std::current_exception());
      return outcome;
    }
    if (!future_->succeeded())
      outcome.set_error(future_->failure());
    else if constexpr (std::is_copy_constructible_v<stored_result_t<T>>)
      outcome.set_value(slot());
    else
      outcome.set_value(std::move(slot()));
    return outcome;
  }

 private:
  auto& slot() noexcept { return *static_cast<stored_result_t<T>*>(future_->result_slot()); }
};

/// Memory for a result that comes later.
template <class T>
class ResultSlot {
 public:
  using Stored = stored_result_t<T>;
  ResultSlot() noexcept {}
  ResultSlot(const ResultSlot&) = delete;  // the future knows its address
  ResultSlot& operator=(const ResultSlot&) = delete;
  ~ResultSlot() {}  // the owner knows whether there is a value

  template <class... Args>
  void construct(Args&&... args) {
    std::construct_at(std::addressof(value_), std::forward<Args>(args)...);
  }
  void destroy() noexcept { std::destroy_at(std::addressof(value_)); }
  [[nodiscard]] void* address() noexcept { return std::addressof(value_); }

 private:
  union {
    Stored value_;  // alive once the future has succeeded
  };
};

/// A future, derived from Base, with room for its result.
template <class T, class Base = FutureBase>
class WithResult : public Base {
 protected:
  template <class... Args>
  explicit WithResult(Args&&... args) noexcept : Base(std::forward<Args>(args)...) {
    this->place_result(slot_.address());
  }
  ASYNCIO_ALWAYS_INLINE ~WithResult() override {
    if (this->succeeded()) slot_.destroy();
  }

  ResultSlot<T> slot_;
};

}  // namespace asyncio::detail

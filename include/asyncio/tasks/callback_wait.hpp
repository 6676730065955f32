// Waiting for a future the way Python's helpers do: a done callback, then a wake-up.
// Reference: asyncio/tasks.py, _cancel_and_wait and _release_waiter.
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/core/wait.hpp>

namespace asyncio::detail {

/// Resumes two turns after `future` is done, whatever it holds. Cancelling it leaves the future.
class CallbackWait final : public Wait {
 public:
  explicit CallbackWait(Ref<FutureBase> future) noexcept : future_(std::move(future)) {}

  bool await_ready() const noexcept { return false; }
  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    child_.watch(*this, future_);
  }
  void await_resume() { resume(); }

  void child_done(FutureBase&) noexcept { wake_up(); }

 private:
  void leave() noexcept override { child_.stop(); }

  Ref<FutureBase> future_;
  ChildSubscription<CallbackWait> child_;
};

}  // namespace asyncio::detail

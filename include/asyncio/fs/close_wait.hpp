// co_await of close(2): the one operation that a cancellation does not stop.
// Reference: core/perform.hpp; close(2), "Dealing with error returns from close()".
#pragma once

#include <asyncio/backend/file_operations.hpp>
#include <asyncio/core/awaitable.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/os/fd.hpp>

namespace asyncio::detail {

/// Closes a descriptor on which nothing is in flight. Gives 0 or -errno; the descriptor is closed in
/// any case. A cancellation is raised at the next suspension.
class CloseWait final : public Suspension, private Operation {
 public:
  explicit CloseWait(os::Fd descriptor) noexcept : fd_(std::move(descriptor)) {}
  ~CloseWait() {
    if (state == OperationState::done) forget_if_closed();
  }

  bool await_ready() noexcept {
    backend_ = &get_running_loop().backend_interface();
    prepare_close(*this, fd_.get());
    on_complete = &completed;
    return false;
  }
  void suspend(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
    backend_->submit(*this);
  }
  int await_resume() noexcept { return result; }

  bool cancel(const std::exception_ptr&) noexcept override { return false; }
  void detach() noexcept override {
    if (state == OperationState::in_flight) backend_->cancel_sync(*this);
    state = OperationState::done;
  }

 private:
  static void completed(Operation& operation) noexcept {
    static_cast<CloseWait&>(operation).task_->wake();
  }
  /// The number is free, and perhaps somebody else's, unless the kernel has not begun.
  void forget_if_closed() noexcept {
    if (result != -ECANCELED) static_cast<void>(fd_.release());
  }

  os::Fd fd_;  // closed here if it was not closed by the operation
  Backend* backend_ = nullptr;
  TaskBase* task_ = nullptr;
};

}  // namespace asyncio::detail

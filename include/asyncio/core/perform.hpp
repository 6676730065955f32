// co_await of a kernel operation.
// Reference: asyncio/proactor_events.py for the shape; CONTRACT: cancellation loses nothing.
#pragma once

#include <asyncio/detail/assert.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/core/awaitable.hpp>
#include <asyncio/os/fd.hpp>

namespace asyncio::detail {

/// Whether an operation is first tried without waiting, which costs a system call if it must wait.
enum class Attempt : bool { first, never };

/// One operation, in the frame of whoever awaits it. `co_await Perform(...)` gives the effect
/// (>= 0) or -errno; only a cancellation is thrown.
///
/// Cancellation: the kernel is asked to stop, and the task resumes when it has answered. If the
/// operation had its effect all the same, that is given, and the CancelledError is raised at the
/// next suspension: no byte and no descriptor is lost.
/// Lifetime: buffers belong to the kernel until the co_await returns.
class Perform final : public Suspension, private Operation {
 public:
  /// `prepare(operation)` fills in what is asked of the kernel.
  template <class Prepare>
  explicit Perform(Prepare&& prepare, Attempt attempt = Attempt::first) : attempt_(attempt) {
    prepare(static_cast<Operation&>(*this));
    on_complete = &completed;
  }
  ~Perform() {
    ASYNCIO_ASSERT(!is_in_flight(), "an operation in flight was destroyed");
    // Its task was destroyed between the completion and the resumption: nobody got the descriptor.
    if (state == OperationState::done && type->yields_descriptor && result >= 0)
      os::close_fd(result);
  }

  bool await_ready() noexcept {
    backend_ = &get_running_loop().backend_interface();
    return attempt_ == Attempt::first && backend_->attempt(*this);
  }
  void suspend(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
    backend_->submit(*this);
  }
  int await_resume() {
    state = OperationState::idle;  // whoever awaits it has the effect
    if (cancel_requested_) [[unlikely]] resume_cancelled();
    return result;
  }

  bool cancel(const std::exception_ptr& reason) noexcept override {
    if (!is_in_flight()) return false;
    if (!cancel_requested_) {
      cancel_requested_ = true;
      reason_ = reason;
      backend_->cancel(*this);
    }
    return true;
  }
  void detach() noexcept override {
    if (is_in_flight()) backend_->cancel_sync(*this);
  }

 private:
  static void completed(Operation& operation) noexcept {
    static_cast<Perform&>(operation).task_->wake();
  }
  [[nodiscard]] bool is_in_flight() const noexcept {
    return state == OperationState::in_flight || state == OperationState::cancelling;
  }
  void resume_cancelled() {
    task_->forget_requested();
    if (result < 0) throw_cancelled(reason_);
    task_->request_cancel(std::move(reason_));
  }

  Backend* backend_ = nullptr;
  TaskBase* task_ = nullptr;
  std::exception_ptr reason_;  // of the cancel request
  bool cancel_requested_ = false;
  Attempt attempt_;
};

}  // namespace asyncio::detail

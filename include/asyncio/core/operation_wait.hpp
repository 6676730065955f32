// A kernel operation as a suspension: how it is submitted, cancelled, and given up.
// Reference: asyncio/proactor_events.py for the shape; CONTRACT: cancellation loses nothing.
#pragma once

#include <asyncio/core/awaitable.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/os/fd.hpp>

namespace asyncio::detail {

/// One operation, in the frame of whoever awaits it.
///
/// Cancelling asks the kernel to stop it; the task resumes when the kernel has answered, and what
/// derives from this decides what becomes of an effect that the operation had all the same.
/// Lifetime: buffers belong to the kernel until the co_await returns.
class OperationWait : public Suspension, protected Operation {
 public:
  void suspend(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
    stage_ = Stage::submitted;
    backend_->submit(*this);
  }

  bool cancel(const std::exception_ptr& reason) noexcept final {
    if (stage_ != Stage::submitted) return false;
    if (!cancel_requested_) {
      cancel_requested_ = true;
      reason_ = reason;
      backend_->cancel(*this);
    }
    return true;
  }
  void detach() noexcept final {
    if (stage_ != Stage::submitted) return;
    stage_ = Stage::idle;
    backend_->cancel_sync(*this);
  }

 protected:
  OperationWait() noexcept { on_complete = &completed; }
  ~OperationWait() {
    ASYNCIO_ASSERT(stage_ != Stage::submitted, "an operation in flight was destroyed");
    if (stage_ == Stage::answered) [[unlikely]]
      undo_effect();
  }

  void use(Backend& backend) noexcept { backend_ = &backend; }
  /// Does it if it need not wait: true, and there is nothing to suspend for.
  bool attempt() noexcept { return backend_->attempt(*this); }

  /// Called when the kernel is done. True: there is more to do, and it was submitted.
  virtual bool goes_on() noexcept { return false; }

  // For await_resume().

  /// The effect is in the hands of whoever awaits.
  void take_answer() noexcept { stage_ = Stage::idle; }
  /// Throws if it was cancelled while it was under way, or its task since it was answered.
  void throw_if_cancelled() {
    if (cancel_requested_) [[unlikely]]
      throw_requested();
    if (task_) task_->deliver_cancel();
  }
  /// The effect is delivered although it was cancelled: that is raised at the next suspension.
  void postpone_cancel() noexcept {
    if (cancel_requested_) [[unlikely]]
      task_->request_cancel(std::move(reason_));
  }

  [[nodiscard]] bool is_cancel_requested() const noexcept { return cancel_requested_; }
  [[nodiscard]] bool was_suspended() const noexcept { return task_ != nullptr; }
  [[nodiscard]] Backend& backend() const noexcept { return *backend_; }

 private:
  enum class Stage : unsigned char {
    idle,       ///< not asked for yet, or delivered
    submitted,  ///< the kernel may touch it
    answered    ///< `result` is valid; the task has not been resumed
  };

  static void completed(Operation& operation) noexcept {
    auto& self = static_cast<OperationWait&>(operation);
    if (self.goes_on()) return;
    self.stage_ = Stage::answered;
    self.task_->wake();
  }
  /// The frame is destroyed before anybody took the answer.
  void undo_effect() noexcept {
    if (type->yields_descriptor && result >= 0) static_cast<void>(os::Fd(result));
  }
  [[noreturn]] __attribute__((noinline)) void throw_requested() {
    task_->forget_requested();
    throw_cancelled(reason_);
  }

  Backend* backend_ = nullptr;
  TaskBase* task_ = nullptr;   // null: it never suspended
  std::exception_ptr reason_;  // of the cancel request
  Stage stage_ = Stage::idle;
  bool cancel_requested_ = false;
};

}  // namespace asyncio::detail

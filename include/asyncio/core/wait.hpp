// A wait that is decided once: woken, or cancelled, whichever comes first.
// Reference: trio/_core/_traps.py, wait_task_rescheduled.
#pragma once

#include <asyncio/core/awaitable.hpp>

namespace asyncio::detail {

/// The usual Suspension. The first of wake_up() and cancel() decides; a cancel that comes later is
/// refused, and the task raises it at the next occasion.
class Wait : public Suspension {
 public:
  bool cancel(const std::exception_ptr& reason) noexcept final {
    if (decision_ != Decision::pending) return false;
    leave();
    decision_ = Decision::cancelled;
    reason_ = reason;
    task_->wake();
    return true;
  }
  void detach() noexcept final {
    if (decision_ == Decision::pending) leave();
  }

 protected:
  ~Wait() = default;

  void begin(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
  }
  /// Decides for waking; nothing if it is decided already.
  void wake_up() noexcept {
    if (decision_ != Decision::pending) return;
    decision_ = Decision::woken;
    task_->wake();
  }

  /// Leaves whatever would wake it. Called once at most, while nothing is decided.
  virtual void leave() noexcept = 0;

  /// Throws if the wait was cancelled; else, as Python does, if its task was after the wake-up.
  void resume() {
    throw_if_cancelled();
    if (task_) task_->deliver_cancel();
  }
  /// Throws if the wait itself was cancelled. For waits that hand something over: what was handed
  /// over is delivered, and a later request is raised at the next suspension.
  void throw_if_cancelled() {
    if (decision_ != Decision::cancelled) [[likely]] return;
    task_->forget_requested();
    throw_cancelled(reason_);
  }

  [[nodiscard]] TaskBase* task() const noexcept { return task_; }

 private:
  enum class Decision : unsigned char { pending, woken, cancelled };

  TaskBase* task_ = nullptr;  // null: never suspended
  std::exception_ptr reason_;
  Decision decision_ = Decision::pending;
};

}  // namespace asyncio::detail

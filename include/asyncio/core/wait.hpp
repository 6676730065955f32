// A wait that is decided once: woken, or cancelled, whichever comes first.
// Reference: trio/_core/_traps.py, wait_task_rescheduled.
#pragma once

#include <asyncio/core/awaitable.hpp>

namespace asyncio::detail {

/// The usual Suspension. The first of wake_up() and cancel() decides; a cancel that comes later is
/// refused, and the task raises it when it resumes.
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

  /// The await raises instead of returning: the wait was cancelled, or its task was after the
  /// wake-up, which is Python's rule (CAN-07). What the wake-up stood for then goes back.
  [[nodiscard]] bool must_raise() const noexcept {
    return decision_ == Decision::cancelled || (task_ && task_->must_cancel());
  }
  [[noreturn]] __attribute__((noinline)) void raise() {
    if (decision_ != Decision::cancelled) task_->throw_requested();
    task_->forget_requested();
    throw_cancelled(reason_);
  }
  /// Throws if it must. For waits whose wake-up hands nothing over.
  void resume() {
    if (must_raise()) [[unlikely]]
      raise();
  }

  /// The wait is over for now: `node` runs in the task's place, and then calls either go_on() or
  /// wait_again().
  void wake_through(ReadyNode& node) noexcept {
    decision_ = Decision::woken;
    task_->wake_through(node);
  }
  void go_on() noexcept { task_->run_now(); }
  void wait_again() noexcept {
    decision_ = Decision::pending;
    task_->suspend_again(this);
  }

  [[nodiscard]] bool is_woken() const noexcept { return decision_ == Decision::woken; }
  [[nodiscard]] bool is_cancelled() const noexcept { return decision_ == Decision::cancelled; }
  [[nodiscard]] TaskBase* task() const noexcept { return task_; }

 private:
  enum class Decision : unsigned char { pending, woken, cancelled };

  TaskBase* task_ = nullptr;  // null: never suspended
  std::exception_ptr reason_;
  Decision decision_ = Decision::pending;
};

}  // namespace asyncio::detail

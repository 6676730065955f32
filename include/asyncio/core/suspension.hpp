// What a suspended task is waiting for, as cancel() sees it.
// Reference: trio's wait_task_rescheduled(abort_fn): whoever suspends must say how it is aborted.
#pragma once

#include <asyncio/config.hpp>
#include <exception>

namespace asyncio::detail {

class FutureBase;

/// A wait that is under way. Lives in the frame of the awaiting coroutine; the task points at it
/// from the moment it suspends until the wait is decided.
class Suspension {
 public:
  Suspension() noexcept = default;
  Suspension(const Suspension&) = delete;  // the task points at it
  Suspension& operator=(const Suspension&) = delete;

  /// Asks to end the wait by a CancelledError (`reason`, or a fresh one when null). True: the
  /// request was taken, the task will be woken. False: already decided, the task must remember.
  virtual bool cancel(const std::exception_ptr& reason) noexcept = 0;

  /// The frame is about to be destroyed without being resumed: leave every list, and do not
  /// return before the kernel has let go of what belongs to the frame.
  virtual void detach() noexcept = 0;

  /// The future that is waited for, if it is one: cancel() and the call graph follow it.
  [[nodiscard]] virtual FutureBase* awaited_future() noexcept { return nullptr; }

 protected:
  ~Suspension() = default;
};

}  // namespace asyncio::detail

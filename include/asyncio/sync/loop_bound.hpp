// The loop whose tasks wait at a primitive.
// Reference: asyncio/mixins.py, _LoopBoundMixin.
#pragma once

#include <asyncio/core/scheduler.hpp>

namespace asyncio::detail {

/// Knows the loop of the first task that had to wait. Using a primitive without waiting is free.
class LoopBound {
 public:
  /// Throws: RuntimeError where another loop's task waited before.
  void bind(const char* name) {
    Scheduler* const running = thread_state.scheduler;
    if (loop_ == running) [[likely]]
      return;
    if (loop_) throw RuntimeError(std::string(name) + " is bound to a different event loop");
    loop_ = running;
  }
  /// Throws: RuntimeError in debug mode, on another thread than that of the tasks that waited.
  void check_thread() const {
    if (Scheduler::are_threads_checked()) [[unlikely]]
      check_thread_slowly();
  }

 private:
  __attribute__((noinline)) void check_thread_slowly() const {
    if (loop_) Scheduler::check_thread(loop_);
  }

  Scheduler* loop_ = nullptr;  // null: nobody has waited yet
};

}  // namespace asyncio::detail

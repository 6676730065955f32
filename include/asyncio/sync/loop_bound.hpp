// The loop whose tasks wait at a primitive.
// Reference: asyncio/mixins.py, _LoopBoundMixin.
#pragma once

#include <asyncio/core/exceptions.hpp>
#include <asyncio/detail/thread_state.hpp>

namespace asyncio::detail {

/// Knows the loop of the first task that had to wait. Using a primitive without waiting is free.
class LoopBound {
 public:
  /// Throws: RuntimeError where another loop's task waited before.
  void bind(const char* name) {
    EventLoop* const running = thread_state.running_loop;
    if (loop_ == running) [[likely]]
      return;
    if (loop_) throw RuntimeError(std::string(name) + " is bound to a different event loop");
    loop_ = running;
  }

 private:
  EventLoop* loop_ = nullptr;  // null: nobody has waited yet
};

}  // namespace asyncio::detail

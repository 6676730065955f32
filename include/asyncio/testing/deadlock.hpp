// Nothing can happen any more, and who is waiting: what a test says instead of hanging.
// Reference: trio/_core/_run.py, the autojump clock; Python's asyncio would wait for ever.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <string>

namespace asyncio::testing {

/// The loop under test has nothing to run, no timer and no operation in flight, and its main task
/// is not done. The message names the waiting tasks and the lines on which they stand.
class Deadlock : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

}  // namespace asyncio::testing

namespace asyncio::detail {

/// A task's name and, from its root to the innermost, the lines on which its coroutines stand.
[[nodiscard]] inline std::string describe_waiting(const AnyTask& task) {
  std::string text = "\n  " + task.get_name();
  for (const FrameEntry& entry : task.get_stack()) text += "\n    at " + to_string(entry);
  return text;
}

/// The sentence of a Deadlock.
[[nodiscard]] inline std::string describe_deadlock(EventLoop& loop) {
  std::string text =
      "asyncio: deadlock: nothing is ready, no timer runs, no operation is in flight, and these "
      "tasks wait:";
  for (const AnyTask& task : loop.all_tasks()) text += describe_waiting(task);
  return text;
}

}  // namespace asyncio::detail

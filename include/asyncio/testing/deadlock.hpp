// Nothing can happen any more, and who is waiting: what a test says instead of hanging.
// Reference: trio/_core/_run.py, the autojump clock; Python's asyncio would wait for ever.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <string>
#include <string_view>

namespace asyncio::testing {

/// The loop under test has nothing to run, no timer and no operation in flight, and its main task
/// is not done. The message names the waiting tasks and the lines on which they stand.
class Deadlock : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

}  // namespace asyncio::testing

namespace asyncio::detail {

/// "name (file:line)" of a coroutine: its plain name, and its last co_await.
[[nodiscard]] inline std::string describe_place(const std::source_location& place) {
  constexpr std::string_view unnamed = "(anonymous namespace)::";  // as clang spells it
  std::string_view function = place.function_name();
  if (const std::size_t at = function.find(unnamed); at != function.npos)
    function.remove_prefix(at + unnamed.size());
  function = function.substr(0, function.find('('));
  function.remove_prefix(function.find_last_of(" :") + 1);  // npos + 1 is 0
  return std::string(function) + " (" + place.file_name() + ':' + std::to_string(place.line()) +
         ')';
}

/// A task's name and, from its root to the innermost, the lines on which its coroutines stand.
[[nodiscard]] inline std::string describe_waiting(const AnyTask& task) {
  std::string text = "\n  " + task.get_name();
  PromiseBase* frame = task.shared_state()->as_task()->root();
  while (frame) {
    text += "\n    at " + describe_place(frame->where_);
    frame = frame->call_ ? frame->call_->child() : nullptr;
  }
  return text;
}

/// The sentence of a Deadlock.
[[nodiscard]] inline std::string describe_deadlock(EventLoop& loop) {
  std::string text =
      "asyncio: deadlock: nothing is ready, no timer runs, no operation is in flight, and these "
      "tasks wait:";
  for (const AnyTask& task : loop.all_tasks())
    text += describe_waiting(task);
  return text;
}

}  // namespace asyncio::detail

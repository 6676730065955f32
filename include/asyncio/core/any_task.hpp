// A handle to a task of any type.
// Reference: https://docs.python.org/3/library/asyncio-task.html#task-object
#pragma once

#include <algorithm>
#include <asyncio/core/any_future.hpp>
#include <asyncio/core/frame_entry.hpp>
#include <asyncio/core/task_base.hpp>
#include <cstdio>
#include <limits>
#include <vector>

namespace asyncio {

/// A counted reference to a task; may be empty. Dropping the last one leaves the task running:
/// the loop keeps every task until it is done.
class AnyTask : public AnyFuture {
 public:
  AnyTask() noexcept = default;
  /// `state` is a task's.
  explicit AnyTask(detail::Ref<detail::FutureBase> state) noexcept : AnyFuture(std::move(state)) {}

  /// The name given at creation or by set_name(); else "Task-N", N counted up in a thread and unique
  /// in the process. Differs from Python: another thread's begin with the next block of 1024.
  [[nodiscard]] std::string get_name() const {
    const detail::TaskBase& task = base();
    return task.name_ ? *task.name_ : "Task-" + std::to_string(task.number_);
  }
  /// Renames the task, also while it runs.
  void set_name(std::string name) const {
    base().name_ = std::make_unique<std::string>(std::move(name));
  }

  /// cancel() requests that were not taken back by uncancel().
  [[nodiscard]] int cancelling() const noexcept { return base().cancelling(); }
  /// Takes one request back; a request not delivered yet is withdrawn when none is left.
  /// Returns: the requests left.
  int uncancel() const noexcept { return base().uncancel(); }

  /// The context in which the task runs.
  [[nodiscard]] Context get_context() const { return base().context().share(); }

  /// The coroutines of a task that is not done, each on the line where it stands, from the one that
  /// was scheduled to the innermost. `limit`: at most so many, the innermost ones.
  /// Differs from Python: there only the outermost of a suspended task, and a failed one's traceback.
  [[nodiscard]] std::vector<FrameEntry> get_stack(
      std::size_t limit = std::numeric_limits<std::size_t>::max()) const {
    std::vector<FrameEntry> stack;
    detail::PromiseBase* frame = done() ? nullptr : base().innermost();
    for (; frame && stack.size() < limit; frame = frame->parent_)
      stack.push_back(detail::frame_entry(frame->where_));
    std::reverse(stack.begin(), stack.end());
    return stack;
  }
  /// Prints get_stack(limit), a line for each coroutine.
  void print_stack(std::size_t limit = std::numeric_limits<std::size_t>::max(),
                   std::FILE* file = stderr) const {
    std::string text =
        "Stack for " + to_string(*this) + (done() ? "\n" : " (most recent call last):\n");
    for (const FrameEntry& entry : get_stack(limit))
      text += "  File \"" + entry.file + "\", line " + std::to_string(entry.line) + ", in " +
              entry.function + '\n';
    std::fputs(text.c_str(), file);
  }
  /// "<Task pending name='Task-1' coro=<work (main.cpp:7)> wait_for=<Future pending>>", as Python's
  /// repr(): what its state is, where it stands, what it waits for, its failure.
  friend std::string to_string(const AnyTask& task) {
    if (!task) return "<Task none>";
    return "<Task " + task.state_text() + " name='" + task.get_name() + '\'' +
           task.position_text() + task.details_text() + '>';
  }

  /// As AnyFuture::add_done_callback(), with the task's handle.
  template <class F>
    requires std::invocable<std::decay_t<F>&, AnyTask>
  CallbackId add_done_callback(F&& function) const {
    return add_callback<AnyTask>(detail::capture_context(), std::forward<F>(function));
  }

 private:
  [[nodiscard]] std::string state_text() const {
    return !done() && cancelling() > 0 ? "cancelling" : to_string(state());
  }
  [[nodiscard]] std::string position_text() const {
    if (done() || !base().root()) return {};  // the loop was closed under it
    detail::FutureBase* const awaited =
        base().waiting() ? base().waiting()->awaited_future() : nullptr;
    std::string text = " coro=<" + to_string(detail::frame_entry(base().root()->where_)) + '>';
    if (awaited)  // not in full: tasks may wait for each other
      text += std::string(" wait_for=<") + (awaited->is_task() ? "Task " : "Future ") +
              to_string(awaited->state()) + '>';
    return text;
  }

 protected:
  // Safe because an AnyTask is only made of tasks.
  [[nodiscard]] detail::TaskBase& base() const noexcept {
    return static_cast<detail::TaskBase&>(*state_);
  }
};

}  // namespace asyncio

template <>
struct std::hash<asyncio::AnyTask> {
  std::size_t operator()(const asyncio::AnyTask& task) const noexcept { return task.hash(); }
};

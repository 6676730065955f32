// A handle to a task of any type.
// Reference: https://docs.python.org/3/library/asyncio-task.html#task-object
#pragma once

#include <asyncio/core/any_future.hpp>
#include <asyncio/core/task_base.hpp>

namespace asyncio {

/// A counted reference to a task; may be empty. Dropping the last one leaves the task running:
/// the loop keeps every task until it is done.
class AnyTask : public AnyFuture {
 public:
  AnyTask() noexcept = default;
  /// `state` is a task's.
  explicit AnyTask(detail::Ref<detail::FutureBase> state) noexcept : AnyFuture(std::move(state)) {}

  /// The name given at creation or by set_name(); else "Task-N", counted over the process.
  [[nodiscard]] std::string get_name() const {
    const detail::TaskBase& task = base();
    return task.name_.empty() ? "Task-" + std::to_string(task.number_) : task.name_;
  }
  /// Renames the task, also while it runs.
  void set_name(std::string name) const { base().name_ = std::move(name); }

  /// cancel() requests that were not taken back by uncancel().
  [[nodiscard]] int cancelling() const noexcept { return base().cancelling(); }
  /// Takes one request back; a request not delivered yet is withdrawn when none is left.
  /// Returns: the requests left.
  int uncancel() const noexcept { return base().uncancel(); }

  /// The context in which the task runs.
  [[nodiscard]] Context get_context() const { return base().context().share(); }

  /// As AnyFuture::add_done_callback(), with the task's handle.
  template <class F>
    requires std::invocable<std::decay_t<F>&, AnyTask>
  CallbackId add_done_callback(F&& function) const {
    return add_callback<AnyTask>(detail::capture_context(), std::forward<F>(function));
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

// How a loop starts its tasks, for those who want to decide it.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_task_factory
#pragma once

#include <asyncio/core/any_task.hpp>
#include <asyncio/detail/function.hpp>
#include <asyncio/fwd.hpp>

namespace asyncio {

/// A task that was made and not scheduled yet, as a task factory gets it. Dropping it destroys the
/// coroutine unstarted.
class UnstartedTask {
 public:
  UnstartedTask(EventLoop& loop, detail::Ref<detail::FutureBase> task) noexcept
      : loop_(&loop), task_(std::move(task)) {}
  UnstartedTask(UnstartedTask&&) noexcept = default;
  UnstartedTask& operator=(UnstartedTask&&) = delete;  // started once
  ~UnstartedTask();

  /// Schedules the first step for the next turn.
  AnyTask start() &&;
  /// Runs the first step now if the loop runs, else schedules it.
  AnyTask start_eagerly() &&;

 private:
  EventLoop* loop_;
  detail::Ref<detail::FutureBase> task_;
};

/// Starts the tasks of a loop; see EventLoop::set_task_factory().
using TaskFactory = detail::Function<AnyTask(EventLoop&, UnstartedTask)>;

}  // namespace asyncio

// TaskGroup::start(): a task that says when it is ready.
// Reference: trio's Nursery.start() and TaskStatus.started().
#pragma once

#include <asyncio/tasks/task_group.hpp>
#include <asyncio/tasks/wait.hpp>

namespace asyncio {
namespace detail {

/// Between the one who calls start(), the task, and the group that takes the task over.
template <class T>
class StartState {
 public:
  explicit StartState(TaskGroup& group)
      : ready_(get_running_loop().create_future<T>()), group_(group) {}

  template <class... Value>
  void started(Value&&... value) {
    if (ready_.cancelled()) return;  // nobody waits for it any more
    if (ready_.done()) throw RuntimeError("started() was called before, or its task has ended");
    group_.adopt(std::make_unique<TaskGroup::Child>(group_), task_.shared_state());
    is_started_ = true;
    ready_.set_result(std::forward<Value>(value)...);
  }

  void watch(TaskHandle<> task, const std::shared_ptr<StartState>& self) {
    task_ = std::move(task);
    task_.add_done_callback([weak = std::weak_ptr(self)](const TaskHandle<>& ended) {
      if (const auto state = weak.lock()) state->task_ended(ended);
    });
  }

  /// Gives what started() was called with; if that does not happen, ends the task.
  Task<T> wait() {
    Outcome<T> outcome = co_await as_outcome(ready_);
    while (!is_started_ && !task_.done()) {
      task_.cancel();
      Outcome<void> ended = co_await as_outcome(wait_for_task());
      if (!ended.has_value()) outcome.set_error(ended.error());
    }
    if (!is_started_ && !task_.cancelled() && task_.exception())
      std::rethrow_exception(task_.exception());
    co_return outcome.take();
  }

  static Task<T> start(TaskGroup& group, auto function) {
    group.begin_start();
    Outcome<T> outcome = co_await as_outcome(run(group, std::move(function)));
    group.end_start();
    co_return outcome.take();
  }

 private:
  template <class F>
  static Task<T> run(TaskGroup& group, F function) {
    auto state = std::make_shared<StartState>(group);
    auto task = own(std::move(function), Started<T>(state));
    // Not eagerly, also under a task factory: started() needs to know its task.
    state->watch(create_task(std::move(task), {.eager_start = false}), state);
    co_return co_await state->wait();
  }
  /// Keeps the function as long as the task runs.
  template <class F>
  static Task<> own(F function, Started<T> started) {
    co_await function(std::move(started));
  }

  Task<> wait_for_task() {
    co_await detail::wait<TaskHandle<>>(std::vector<TaskHandle<>>(1, task_), WaitOptions());
  }

  void task_ended(const TaskHandle<>& task) {
    if (ready_.done()) return;
    if (task.cancelled())
      ready_.cancel();
    else if (std::exception_ptr error = task.exception())
      ready_.set_exception(std::move(error));
    else
      ready_.set_exception(RuntimeError("the task ended without calling started()"));
  }

  Future<T> ready_;
  TaskGroup& group_;
  TaskHandle<> task_;
  bool is_started_ = false;
};

}  // namespace detail

/// What TaskGroup::start() gives the task: called once, as `started(value)` or `started()`. Copyable.
template <class T>
class Started {
 public:
  explicit Started(std::shared_ptr<detail::StartState<T>> state) noexcept
      : state_(std::move(state)) {}

  /// The task is ready: start() gives the value, and from now on the task belongs to the group.
  /// Nothing happens if start() was cancelled. Throws: RuntimeError the second time.
  template <class U = detail::stored_result_t<T>>
    requires(!std::is_void_v<T> && std::constructible_from<T, U &&>)
  void operator()(U&& value) const {
    state_->started(std::forward<U>(value));
  }
  void operator()() const
    requires std::is_void_v<T>
  {
    state_->started();
  }

 private:
  std::shared_ptr<detail::StartState<T>> state_;
};

template <class T, class F>
Task<T> TaskGroup::start(F function) {
  static_assert(
      requires {
        { function(std::declval<Started<T>>()) } -> Awaitable;
      }, "asyncio: start<T>() needs a function that takes a Started<T> and gives an awaitable");
  return detail::StartState<T>::start(*this, std::move(function));
}

}  // namespace asyncio

// create_task() and the handle it gives: Python's Task object.
// Reference: https://docs.python.org/3/library/asyncio-task.html#creating-tasks
#pragma once

#include <asyncio/core/future.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/core/task.hpp>

namespace asyncio {

/// How a task is made. Trivially destructible, so that it may stand inside a co_await expression.
struct TaskOptions {
  std::string_view name{};            ///< empty: "Task-N"
  const Context* context = nullptr;   ///< that very context; null: a copy of the current one
  std::optional<bool> eager_start{};  ///< run up to the first suspension at once
};
static_assert(std::is_trivially_destructible_v<TaskOptions>);

namespace detail {

template <class T>
class TaskState final : public WithResult<T, TaskBase> {
 public:
  /// Takes the coroutine over.
  TaskState(Scheduler& scheduler, Task<T>& task, Context context,
            std::source_location where) noexcept
      : WithResult<T, TaskBase>(scheduler, *task.release(), std::move(context), where) {}
  ASYNCIO_ALWAYS_INLINE ~TaskState() override {}

 private:
  void finish() noexcept override {
    Outcome<T>& outcome = static_cast<Promise<T>*>(this->root())->outcome_;
    if (!outcome.has_value() || this->must_cancel()) [[unlikely]]
      return finish_without_result(outcome);
    try {
      this->slot_.construct(std::move(outcome.value()));
    } catch (...) {
      this->destroy_root();
      return this->settle_error(std::current_exception());
    }
    this->destroy_root();
    this->settle_result();
  }
  __attribute__((noinline)) void finish_without_result(Outcome<T>& outcome) noexcept {
    std::exception_ptr error = outcome.error();
    this->destroy_root();
    if (error) return this->settle_failed(std::move(error));
    // Python: a request that came too late to be raised still wins over the result.
    this->settle_cancelled(this->take_cancel_reason());
  }
};

/// A handle whose result can be copied: others may hold it too, so that awaiting leaves it there.
template <class A>
inline constexpr bool keeps_result = false;
template <FutureLike A>
inline constexpr bool keeps_result<A> =
    std::is_copy_constructible_v<stored_result_t<typename A::result_type>>;

/// Makes a coroutine of any awaitable that is not one.
template <class A>
Task<await_result_t<A>> own_awaitable(A awaitable) {
  if constexpr (keeps_result<A>)
    co_return co_await FutureAwait<typename A::result_type>(awaitable.shared_state());
  else
    co_return co_await std::move(awaitable);
}
/// Keeps a callable and the coroutine it makes together: the captures live as long as the body.
template <class F>
Task<await_result_t<std::invoke_result_t<F&>>> own_callable(F function) {
  auto awaitable = function();
  using A = decltype(awaitable);
  if constexpr (keeps_result<A>)
    co_return co_await FutureAwait<typename A::result_type>(awaitable.shared_state());
  else
    co_return co_await std::move(awaitable);
}

/// A callable that gives something to await.
template <class F>
concept AwaitableCallable = !Awaitable<F> && requires(std::decay_t<F>& function) {
  { function() } -> Awaitable;
};

/// Refuses what g++ 12 miscompiles (docs/gcc12.md), in functions made to be awaited at the call.
template <class F>
constexpr void check_callable_temporary() {
  static_assert(
      !ASYNCIO_CLOSURE_TEMPORARIES_BROKEN || Awaitable<F> || TaskType<F> ||
          std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<std::remove_cvref_t<F>>,
      "asyncio: name the lambda first: g++ 12 destroys the captures of a lambda temporary "
      "twice inside a co_await expression. Write auto body = [...]...; and pass body; "
      "captures by reference are unaffected");
}

/// Throws: RuntimeError for a Task that was awaited, scheduled or moved from before.
template <class T>
void require_unconsumed(const Task<T>& task) {
  if (!task) [[unlikely]]
    throw_consumed();
}

/// Whatever a scheduling function takes, as a Task.
template <class A>
auto to_task(A&& source) {
  using Plain = std::remove_cvref_t<A>;
  if constexpr (TaskRvalue<A>) {
    return Task<typename Plain::result_type>(std::move(source));
  } else if constexpr (TaskType<A>) {
    static_assert(always_false<A>,
                  "asyncio: pass the Task with std::move(task): it runs only once");
  } else if constexpr (AwaitableCallable<A>) {
    return own_callable<Plain>(std::forward<A>(source));
  } else if constexpr (Awaitable<A>) {
    return own_awaitable<Plain>(std::forward<A>(source));
  } else {
    static_assert(always_false<A>,
                  "asyncio: this type cannot be awaited: pass a Task, a future or handle, another "
                  "awaitable, or a callable that returns one of them");
  }
}

}  // namespace detail

/// A counted reference to a scheduled task, and to its result. Dropping the last one detaches: the
/// task runs on, and a failure that nobody retrieved goes to the exception handler.
template <class T>
class TaskHandle : public AnyTask, public detail::ResultAccess<T, TaskHandle<T>> {
 public:
  using result_type = T;
  using AnyTask::AnyTask;

  /// The same outcome as a Future; its setters throw, as a task sets its outcome itself.
  operator Future<T>() const noexcept { return Future<T>(state_); }

  /// As AnyFuture::add_done_callback(), with this type of handle.
  template <class F>
    requires std::invocable<std::decay_t<F>&, TaskHandle>
  CallbackId add_done_callback(F&& function) const {
    return this->template add_callback<TaskHandle>(detail::capture_context(),
                                                   std::forward<F>(function));
  }
  /// The same in `context` itself.
  template <class F>
    requires std::invocable<std::decay_t<F>&, TaskHandle>
  CallbackId add_done_callback(Context context, F&& function) const {
    return this->template add_callback<TaskHandle>(std::move(context), std::forward<F>(function));
  }

  friend bool operator==(const TaskHandle& a, const TaskHandle& b) noexcept {
    return static_cast<const AnyFuture&>(a) == static_cast<const AnyFuture&>(b);
  }
};

template <class A>
auto EventLoop::create_task(A&& awaitable, const TaskOptions& options, std::source_location where) {
  auto task = detail::to_task(std::forward<A>(awaitable));
  using T = typename decltype(task)::result_type;
  detail::require_unconsumed(task);
  if (is_checked()) [[unlikely]]
    check_new_task(*task.peek(), where);
  auto name = options.name.empty() ? nullptr : std::make_unique<std::string>(options.name);
  auto* const state = new detail::TaskState<T>(
      *this, task, options.context ? options.context->share() : detail::capture_context(), where);
  TaskHandle<T> handle{detail::Ref<detail::FutureBase>(state)};
  state->name_ = std::move(name);
  if (task_factory_ && !options.eager_start) [[unlikely]]
    task_factory_(*this, UnstartedTask(*this, handle.shared_state()));
  else
    launch(*state, options.eager_start.value_or(false));
  return handle;
}

template <class A>
auto EventLoop::create_task(A&& awaitable, std::source_location where) {
  auto task = detail::to_task(std::forward<A>(awaitable));
  using T = typename decltype(task)::result_type;
  if (task_factory_) [[unlikely]]
    return create_task(std::move(task), TaskOptions{}, where);
  detail::require_unconsumed(task);
  if (is_checked()) [[unlikely]]
    check_new_task(*task.peek(), where);
  auto* const state = new detail::TaskState<T>(*this, task, detail::capture_context(), where);
  TaskHandle<T> handle{detail::Ref<detail::FutureBase>(state)};
  state->number_ = next_task_number();
  state->start(tasks_);
  return handle;
}

/// Schedules a Task, another awaitable, or the coroutine that a callable returns, on the running
/// loop. The body starts in the next turn. A callable is kept as long as its coroutine runs.
/// Throws: RuntimeError without a running loop; the coroutine is then destroyed unstarted.
/// Cost: one recycled block beside the coroutine's frame.
template <class A>
auto create_task(A&& awaitable, const TaskOptions& options,
                 std::source_location where = std::source_location::current()) {
  return get_running_loop().create_task(std::forward<A>(awaitable), options, where);
}
template <class A>
auto create_task(A&& awaitable, std::source_location where = std::source_location::current()) {
  return get_running_loop().create_task(std::forward<A>(awaitable), where);
}

/// A future or handle is returned as it is; anything else is scheduled as a task.
template <class A>
auto ensure_future(A&& awaitable, std::source_location where = std::source_location::current()) {
  if constexpr (FutureLike<A>)
    return std::remove_cvref_t<A>(std::forward<A>(awaitable));
  else
    return get_running_loop().create_task(std::forward<A>(awaitable), where);
}

/// The task whose code is running; empty in a plain callback.
/// Throws: RuntimeError without a running loop.
[[nodiscard]] inline AnyTask current_task() { return get_running_loop().current_task(); }

/// The unfinished tasks of the running loop, in order of creation.
[[nodiscard]] inline std::vector<AnyTask> all_tasks() { return get_running_loop().all_tasks(); }
[[nodiscard]] inline std::vector<AnyTask> all_tasks(EventLoop& loop) { return loop.all_tasks(); }

/// A task factory: every task runs up to its first suspension inside create_task().
/// Reference: https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory
inline AnyTask eager_task_factory(EventLoop&, UnstartedTask task) {
  return std::move(task).start_eagerly();
}

/// A task factory that lets `observe(loop, task)` see each task before it starts eagerly.
template <class F>
[[nodiscard]] TaskFactory create_eager_task_factory(F observe) {
  return [observe = std::move(observe)](EventLoop& loop, UnstartedTask task) mutable {
    observe(loop, task);
    return std::move(task).start_eagerly();
  };
}

static_assert(Awaitable<Future<int>&> && Awaitable<TaskHandle<>> && FutureLike<TaskHandle<int>>);

}  // namespace asyncio

template <class T>
struct std::hash<asyncio::TaskHandle<T>> {
  std::size_t operator()(const asyncio::TaskHandle<T>& task) const noexcept { return task.hash(); }
};

// run_coroutine_threadsafe(): a coroutine for a loop that runs on another thread.
// Reference: https://docs.python.org/3/library/asyncio-task.html#scheduling-from-other-threads
#pragma once

#include <asyncio/tasks/concurrent_future.hpp>
#include <string>
#include <vector>

namespace asyncio {
namespace detail {

/// The task of a ConcurrentFuture, on its loop: tells the future how it ended, and is delivered to be
/// cancelled. Listed with the gate until the task is done.
template <class T>
class ConcurrentTask final : public Delivery {
 public:
  /// Makes the task, unless it was cancelled before. The loop's thread.
  static void start(EventLoop& loop, Task<T> coroutine,
                    const std::shared_ptr<ConcurrentState<T>>& state) {
    if (!state->is_pending()) return coroutine.close();
    LoopGate& gate = loop.service<LoopGate>();
    const Ref<ConcurrentTask> self(new ConcurrentTask(gate, state));
    self->task_ = loop.create_task(std::move(coroutine));
    self->child_.watch(*self, self->task_.shared_state());
    gate.add(*self, Expect::perhaps);
    if (!state->set_source({gate.port(), Ref<Delivery>(self.get())})) self->arrived();
  }

  void child_done(FutureBase& task) noexcept {
    const Ref<Delivery> kept(this);
    if (!state_->is_pending()) return leave();
    // The task ends before another thread sees what it ended with.
    if (task.cancelled()) {
      std::exception_ptr reason = task.failure();
      leave();
      static_cast<void>(state_->cancel(std::move(reason)));
    } else {
      Outcome<T> outcome = take_outcome(task);
      leave();
      state_->settle(std::move(outcome));
    }
  }

 private:
  ConcurrentTask(LoopGate& gate, std::shared_ptr<ConcurrentState<T>> state) noexcept
      : gate_(gate), state_(std::move(state)) {}

  static Outcome<T> take_outcome(FutureBase& task) noexcept {
    Outcome<T> outcome;
    if (!task.succeeded()) {
      outcome.set_error(task.failure());
      return outcome;
    }
    try {
      // Safe because nobody else has a handle that knows the type.
      outcome.set_value(std::move(*static_cast<stored_result_t<T>*>(task.result_slot())));
    } catch (...) {
      outcome.set_error(std::current_exception());
    }
    return outcome;
  }
  /// May end it.
  void leave() noexcept {
    child_.stop();
    child_.keep({});
    task_ = TaskHandle<T>();
    gate_.remove(*this);
  }

  /// cancel() was called elsewhere.
  void arrived() noexcept override { task_.cancel(); }
  void orphaned() noexcept override {
    state_->cancel(nullptr);
    leave();
  }

  LoopGate& gate_;
  std::shared_ptr<ConcurrentState<T>> state_;
  TaskHandle<T> task_;  // of the loop's thread
  ChildSubscription<ConcurrentTask> child_;
};

/// The callback that takes a coroutine to its loop. One that the loop drops cancels the future.
template <class T>
class ConcurrentStart {
 public:
  ConcurrentStart(EventLoop& loop, Task<T> coroutine,
                  std::shared_ptr<ConcurrentState<T>> state) noexcept
      : loop_(&loop), coroutine_(std::move(coroutine)), state_(std::move(state)) {}
  ConcurrentStart(ConcurrentStart&&) noexcept = default;
  ConcurrentStart& operator=(ConcurrentStart&&) = delete;  // moved into the callback
  ~ConcurrentStart() {
    coroutine_.close();
    if (state_) state_->cancel(nullptr);
  }

  void operator()() {
    const auto state = std::move(state_);
    try {
      ConcurrentTask<T>::start(*loop_, std::move(coroutine_), state);
    } catch (...) {
      Outcome<T> outcome;
      outcome.set_error(std::current_exception());
      state->settle(std::move(outcome));
      throw;  // Python: also to the exception handler
    }
  }

 private:
  EventLoop* loop_;
  Task<T> coroutine_;
  std::shared_ptr<ConcurrentState<T>> state_;
};

}  // namespace detail

/// Has `loop`, which another thread runs, run a Task or another awaitable, or what a callable returns;
/// the callable is called there. Gives a ConcurrentFuture of its outcome.
/// Throws: RuntimeError if the loop is closed. Threads: any. Lifetime: the loop must not be destroyed
/// during this call. Cost: the task, its shared state, and two callbacks.
template <class A>
auto run_coroutine_threadsafe(A&& awaitable, EventLoop& loop) {
  static_assert(
      (Awaitable<A> && !FutureLike<A>) || detail::AwaitableCallable<A>,
      "asyncio: run_coroutine_threadsafe() needs a Task, passed with std::move, or a callable "
      "that returns one: futures and handles belong to the thread of their loop");
  auto task = detail::to_task(std::forward<A>(awaitable));
  using T = typename decltype(task)::result_type;
  auto state = std::make_shared<detail::ConcurrentState<T>>();
  loop.call_soon_threadsafe(detail::ConcurrentStart<T>(loop, std::move(task), state));
  return ConcurrentFuture<T>(std::move(state));
}

namespace detail {

template <class OnDemand = void>
Task<std::vector<std::string>> describe_all_tasks() {
  std::vector<std::string> texts;
  const AnyTask self = get_running_loop().current_task();
  for (const AnyTask& task : get_running_loop().all_tasks())
    if (task != self) texts.push_back(to_string(task));
  co_return texts;
}

}  // namespace detail

/// The unfinished tasks of `loop`, which another thread runs, in order of creation, as to_string()
/// tells of them: tasks themselves belong to the loop's thread.
/// Throws: RuntimeError if the loop is closed. Threads: any. Lifetime: as run_coroutine_threadsafe().
/// Differs from Python: all_tasks(loop) gives the tasks on any thread.
template <class OnDemand = void>
[[nodiscard]] ConcurrentFuture<std::vector<std::string>> all_tasks_threadsafe(EventLoop& loop) {
  return run_coroutine_threadsafe(detail::describe_all_tasks(), loop);
}

}  // namespace asyncio

// run(), run_main() and Runner: a loop from its beginning to its end.
// Reference: https://docs.python.org/3/library/asyncio-runner.html
#pragma once

#include <asyncio/core/sigint.hpp>
#include <asyncio/core/task_handle.hpp>
#include <asyncio/detail/scope_exit.hpp>

namespace asyncio {

/// How a loop is made and run. Trivially destructible.
struct RunOptions {
  std::optional<bool> debug{};           ///< unset: the environment's ASYNCIO_DEBUG
  Backend backend = Backend::automatic;  ///< which kernel interface
  bool handle_sigint = true;             ///< Ctrl-C cancels the main task
  std::unique_ptr<EventLoop> (*loop_factory)() = nullptr;  ///< instead of new_event_loop()
};
static_assert(std::is_trivially_destructible_v<RunOptions>);

namespace detail {

/// Stops the loop in the turn after a future is done, as Python's _run_until_complete_cb.
class StopWhenDone {
 public:
  StopWhenDone(EventLoop& loop, Ref<FutureBase> future) : loop_(loop) {
    child_.watch(*this, std::move(future));
  }
  void child_done(FutureBase&) noexcept { loop_.stop(); }

 private:
  EventLoop& loop_;
  ChildSubscription<StopWhenDone> child_;
};

/// Takes the awaitable of run() and run_until_complete() as a future of `loop`.
template <class A>
auto future_on(EventLoop& loop, A&& awaitable, std::source_location where) {
  if constexpr (FutureLike<A>) {
    std::remove_cvref_t<A> future(std::forward<A>(awaitable));
    if (&future.get_loop() != &loop)
      throw std::invalid_argument("The future belongs to a different loop than the one specified");
    return future;
  } else {
    return loop.create_task(std::forward<A>(awaitable), where);
  }
}

/// The result of a finished future: moved out, unless the caller keeps a handle (A is an lvalue).
template <class A, class F>
typename F::result_type take_result(const F& future) {
  using T = typename F::result_type;
  constexpr bool is_kept = FutureLike<A> && std::is_lvalue_reference_v<A>;
  if constexpr (std::is_void_v<T> || std::is_reference_v<T> ||
                (is_kept && std::is_copy_constructible_v<T>))
    return future.result();
  else
    return std::move(future.result());
}

template <class F>
void run_until_done(EventLoop& loop, const F& future) {
  StopWhenDone stop(loop, future.shared_state());
  try {
    loop.run_forever();
  } catch (...) {
    if (future.done() && !future.cancelled()) future.shared_state()->mark_retrieved();
    throw;
  }
  if (!future.done()) throw RuntimeError("Event loop stopped before Future completed.");
}

}  // namespace detail

template <class A>
auto EventLoop::run_until_complete(A&& awaitable, std::source_location where) {
  check_usable();
  check_can_run();  // before anything is scheduled
  auto future = detail::future_on(*this, std::forward<A>(awaitable), where);
  detail::run_until_done(*this, future);
  return detail::take_result<A>(future);
}

/// Runs several awaitables one after the other on one loop and in one context.
class Runner {
 public:
  explicit Runner(RunOptions options = {}) noexcept : options_(options) {}
  /// On a loop that was made elsewhere, and that nobody has installed.
  explicit Runner(std::unique_ptr<EventLoop> loop, RunOptions options = {}) noexcept
      : options_(options),
        context_(detail::capture_context()),
        loop_(std::move(loop)),
        state_(State::initialized) {
    if (options_.debug) loop_->set_debug(*options_.debug);
  }
  Runner(const Runner&) = delete;  // owns the loop
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    try {
      close();
    } catch (...) {
      // Safe because close() has closed the loop all the same; what it threw has no receiver here.
      detail::print_failure({.message = "asyncio: closing a Runner failed",
                             .exception = std::current_exception(),
                             .future = nullptr,
                             .handle = nullptr,
                             .where = {}});
    }
  }

  /// Runs the awaitable, or what the callable returns, until it is done; gives its result.
  /// Throws: what it threw; KeyboardInterrupt after Ctrl-C; RuntimeError inside a running loop.
  template <class A>
  auto run(A&& awaitable, std::source_location where = std::source_location::current()) {
    return run(std::forward<A>(awaitable), context_, where);
  }
  /// The same in `context` instead of the runner's own.
  template <class A>
  auto run(A&& awaitable, const Context& context,
           std::source_location where = std::source_location::current()) {
    if (detail::thread_state.running_loop)
      throw RuntimeError("Runner.run() cannot be called from a running event loop");
    EventLoop& loop = get_loop();
    Context shared = context.share();
    const TaskOptions options{.context = &shared};
    auto main_task = loop.create_task(std::forward<A>(awaitable), options, where);
    run_main_task(loop, main_task);
    return detail::take_result<TaskHandle<>>(main_task);
  }

  /// The loop; made at the first call.
  [[nodiscard]] EventLoop& get_loop() {
    if (state_ == State::closed) throw RuntimeError("Runner is closed");
    if (state_ == State::created) start();
    return *loop_;
  }

  /// Cancels the tasks that are left and waits for them, closes the generators that are left, shuts
  /// down the default executor, then closes the loop. Idempotent.
  void close() {
    if (state_ != State::initialized) return;
    if (loop_->is_running()) throw RuntimeError("Cannot close a running event loop");
    state_ = State::closed;
    if (loop_->is_inherited()) return;  // a forked child: nothing in it is ours
    auto finally = [this] {
      if (installed_) set_event_loop(nullptr);
      loop_->close();
    };
    detail::ScopeExit close_loop(finally);
    cancel_all_tasks();
    shut_down_services(ShutdownPhase::generators);
    shut_down_services(ShutdownPhase::threads);
  }

 private:
  enum class State : unsigned char { created, initialized, closed };

  void start() {
    if (options_.loop_factory) {
      loop_ = options_.loop_factory();
    } else {
      loop_ = std::make_unique<EventLoop>(options_.backend);
      set_event_loop(loop_.get());
      installed_ = true;
    }
    if (options_.debug) loop_->set_debug(*options_.debug);
    context_ = detail::capture_context();
    state_ = State::initialized;
  }

  template <class T>
  void run_main_task(EventLoop& loop, const TaskHandle<T>& main_task) {
    if (!options_.handle_sigint) return detail::run_until_done(loop, main_task);
    detail::SigintGuard sigint(loop, main_task);
    detail::run_until_done(loop, main_task);
    if (main_task.cancelled() && sigint.explains_cancellation()) throw KeyboardInterrupt();
  }

  void cancel_all_tasks() {
    // A task may make others while it is cancelled; one that never stops doing so is left to close().
    for (int round = 0; round < 16; ++round) {
      std::vector<AnyTask> tasks = loop_->all_tasks();
      if (tasks.empty()) return;
      for (const AnyTask& task : tasks) task.cancel();
      for (const AnyTask& task : tasks)
        if (!task.done()) detail::run_until_done(*loop_, task);
      for (const AnyTask& task : tasks) report_failure(task);
    }
  }

  void shut_down_services(ShutdownPhase phase) {
    for (LoopService* service : loop_->services_of(phase))
      if (Task<> end = service->shutdown()) loop_->run_until_complete(std::move(end));
  }

  void report_failure(const AnyTask& task) {
    if (!task.shared_state()->failed()) return;
    loop_->call_exception_handler({.message = "unhandled exception during asyncio.run() shutdown",
                                   .exception = task.exception(),
                                   .task = task,
                                   .future = task,
                                   .handle = {},
                                   .where = task.made_at()});
  }

  RunOptions options_;
  Context context_;
  std::unique_ptr<EventLoop> loop_;  // kept after close(), until the runner is destroyed
  State state_ = State::created;
  bool installed_ = false;  // by set_event_loop()
};

/// Runs the awaitable on a loop of its own and gives its result. Afterwards nothing of the loop is
/// left: remaining tasks were cancelled and awaited, operations ended, frames freed.
/// Throws: what the awaitable threw; KeyboardInterrupt after Ctrl-C; RuntimeError inside a loop.
template <class A>
auto run(A&& awaitable, RunOptions options = {},
         std::source_location where = std::source_location::current()) {
  if (detail::thread_state.running_loop)
    throw RuntimeError("asyncio.run() cannot be called from a running event loop");
  Runner runner(options);
  if constexpr (std::is_void_v<decltype(runner.run(std::forward<A>(awaitable)))>) {
    runner.run(std::forward<A>(awaitable), where);
    runner.close();  // not left to the destructor: what it throws goes to the caller
  } else {
    auto result = runner.run(std::forward<A>(awaitable), where);
    runner.close();
    return result;
  }
}

/// What a program's main() returns: runs the awaitable, prints an uncaught error and gives 1 for
/// it, gives an int result or a SystemExit's code, and after Ctrl-C ends the process by SIGINT.
template <class A>
int run_main(A&& awaitable, RunOptions options = {},
             std::source_location where = std::source_location::current()) {
  try {
    if constexpr (std::is_convertible_v<decltype(run(std::forward<A>(awaitable), options)), int>)
      return run(std::forward<A>(awaitable), options, where);
    else
      static_cast<void>(run(std::forward<A>(awaitable), options, where));
    return 0;
  } catch (const SystemExit& exit) {
    return exit.code();
  } catch (const KeyboardInterrupt&) {
    os::end_by_signal(SIGINT);
    return 130;  // where SIGINT is blocked: what shells make of it
  } catch (...) {
    std::fprintf(stderr, "%s\n", detail::describe(std::current_exception()).c_str());
    return 1;
  }
}

}  // namespace asyncio

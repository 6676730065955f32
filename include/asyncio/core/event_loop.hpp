// The event loop: schedules callbacks, timers and tasks on one thread. It knows no socket.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html
#pragma once

#include <asyncio/backend/default_backend.hpp>
#include <asyncio/core/callback_scheduler.hpp>
#include <asyncio/core/exception_context.hpp>
#include <asyncio/core/loop_service.hpp>
#include <asyncio/core/task_factory.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/detail/scope_exit.hpp>
#include <optional>
#include <vector>

namespace asyncio {

inline namespace ASYNCIO_ABI {

/// One thread's loop. Made by new_event_loop(), run(), or a Runner.
/// Threads: everything but call_soon_threadsafe() belongs to the thread that runs it, together with
/// the loop's futures and tasks. One that a thread made may be run by another, and then closed by a
/// third. Only where the maker itself has run it, and left operations in the kernel, are others
/// refused.
class EventLoop final : public detail::CallbackScheduler {
 public:
  /// Throws: std::system_error when the kernel refuses the backend asked for.
  explicit EventLoop(Backend backend = Backend::automatic)
      : EventLoop(detail::make_backend(backend)) {}
  /// With a backend of one's own: a test's scripted kernel or virtual clock.
  explicit EventLoop(detail::MadeBackend made)
      : CallbackScheduler(std::move(made.backend)), reason_(std::move(made.reason)) {
    watch_forks();
    set_debug(debug_from_environment());
  }
  /// Closes the loop. Tasks that are still pending are reported and destroyed; but not in a forked
  /// child, where the loop is its parent's and its tasks are left alone.
  ~EventLoop() override {
    ASYNCIO_ASSERT(!is_running(), "an event loop was destroyed while it runs");
    try_move_here();
    close_now();
    if (!is_inherited()) discard_all();  // what other threads posted while it was closing
    if (thread_state().set_loop == this) thread_state().set_loop = nullptr;
  }

  // Running and stopping

  /// Runs until stop(). Throws: RuntimeError if the loop is closed or running, or another loop
  /// runs on this thread; KeyboardInterrupt or SystemExit out of a task or callback.
  void run_forever() {
    Running running(*this, Visit::run);
    auto forget_stop = [this] { stopping_ = false; };
    detail::ScopeExit at_the_end(forget_stop);  // also after SystemExit
    do {
      run_turn(stopping_ ? duration::zero() : detail::Backend::forever);
      throw_interruption();
    } while (!stopping_);
  }

  /// One turn, waiting at most `timeout` when nothing is ready: to drive the loop from another one.
  void run_once(LoopDuration timeout = duration::zero()) {
    Running running(*this, Visit::turn);
    run_turn(timeout);
    throw_interruption();
  }

  /// Runs until the awaitable or future is done, and gives its result.
  template <class A>
  auto run_until_complete(A&& awaitable,
                          std::source_location where = std::source_location::current());

  /// Ends run_forever() after the current turn.
  void stop() noexcept { stopping_ = true; }

  /// Drops what is scheduled and destroys pending tasks. Idempotent. Throws: RuntimeError if running.
  void close() {
    if (is_running()) throw RuntimeError("Cannot close a running event loop");
    if (!is_closed() && !is_inherited()) move_here();
    close_now();
  }
  /// Is inside run_forever(), run_until_complete() or run_once().
  [[nodiscard]] bool is_running() const noexcept { return running(); }
  /// close() was called.
  [[nodiscard]] bool is_closed() const noexcept { return marked_closed(); }

  // Futures and tasks

  /// Makes a pending future of this loop, for somebody to set.
  template <class T = void>
  [[nodiscard]] Future<T> create_future(
      std::source_location where = std::source_location::current());

  /// Schedules the awaitable, or the coroutine that the callable returns, as a task of this loop.
  template <class A>
  auto create_task(A&& awaitable, const TaskOptions& options,
                   std::source_location where = std::source_location::current());
  template <class A>
  auto create_task(A&& awaitable, std::source_location where = std::source_location::current());

  /// Decides how the loop's tasks start, for instance eager_task_factory; nullptr: as usual.
  void set_task_factory(TaskFactory factory) noexcept { task_factory_ = std::move(factory); }
  /// What set_task_factory() was given; empty: none.
  [[nodiscard]] const TaskFactory& get_task_factory() const noexcept { return task_factory_; }

  /// The unfinished tasks, in order of creation.
  [[nodiscard]] std::vector<AnyTask> all_tasks() {
    std::vector<AnyTask> tasks;
    for (detail::TaskHook* hook = tasks_.first(); hook; hook = tasks_.next(*hook))
      tasks.push_back(
          AnyTask(detail::Ref<detail::FutureBase>(static_cast<detail::TaskBase*>(hook))));
    return tasks;
  }
  /// The task whose step is executing; empty in a plain callback.
  [[nodiscard]] AnyTask current_task() const noexcept {
    return AnyTask(detail::Ref<detail::FutureBase>(running_task()));
  }

  // Threads; defined in tasks/default_executor.hpp

  /// Calls `function(args…)` on a thread of `executor`, null for the default one, in a context of
  /// its own. The work starts now. Gives a Future of what it returns or throws; cancelling that
  /// withdraws a call that has not started, and asks the std::stop_token of one that has, if the
  /// function takes one in front; it does not wait for the thread.
  /// Throws: RuntimeError if the executor is shut down. Lifetime: the executor must outlive the call.
  template <class F, class... Args>
  auto run_in_executor(Executor* executor, F&& function, Args&&... args);

  /// Replaces the pool of run_in_executor(nullptr, …) and to_thread(). The old one is let go.
  template <class OnDemand = void>
  void set_default_executor(std::shared_ptr<ThreadPoolExecutor> executor);

  /// Asks running functions to stop and waits until the default executor's threads have ended,
  /// which refuses work from now on. When `timeout` is over, says so to the exception handler and
  /// leaves the threads alone. run() does this, with five minutes.
  template <class OnDemand = void>
  Task<> shutdown_default_executor(std::optional<LoopDuration> timeout = std::nullopt);

  // Generators; defined in tasks/generator_frame.hpp

  /// Closes the generators that were iterated on this loop and have not ended, oldest first. One that
  /// is being iterated is reported to the exception handler and left alone. run() does this.
  template <class OnDemand = void>
  Task<> shutdown_asyncgens();

  // Failures that nobody can catch

  /// Replaces the default handler; nullptr restores it.
  void set_exception_handler(ExceptionHandler handler) noexcept {
    exception_handler_ = std::move(handler);
  }
  /// What set_exception_handler() was given; empty: the default.
  [[nodiscard]] const ExceptionHandler& get_exception_handler() const noexcept {
    return exception_handler_;
  }
  /// Prints to stderr.
  void default_exception_handler(const ExceptionContext& context) noexcept {
    detail::print_failure({.message = context.message,
                           .exception = context.exception,
                           .future = nullptr,
                           .handle = nullptr,
                           .where = context.where});
  }
  /// Tells the handler; a handler that throws is itself reported to the default one. Never throws.
  void call_exception_handler(const ExceptionContext& context) noexcept;

  // Debugging

  /// Debug mode is on. At first it is what the environment's ASYNCIO_DEBUG says.
  [[nodiscard]] bool get_debug() const noexcept { return debug_mode(); }
  /// In debug mode the wrong thread is refused and unawaited coroutines are reported.
  void set_debug(bool enabled) noexcept {
    set_debug_mode(enabled);
    if (runs_here()) watch_for_never_awaited(enabled);
  }

  // Beyond Python

  /// The name of the kernel interface in use: "io_uring" or "epoll".
  [[nodiscard]] std::string_view backend() const noexcept { return backend_interface().name(); }
  /// Why this one, and why not the other, as a sentence: "epoll, because io_uring does not work
  /// here: io_uring_setup: Operation not permitted (a seccomp filter, …)".
  [[nodiscard]] const std::string& backend_reason() const noexcept { return reason_; }
  /// Readable when run_once() has something to do; for another loop's poll.
  [[nodiscard]] int fd() const noexcept { return backend_interface().fd(); }
  /// When run_once() is due by the clock, if at all: now, while something is ready or is to be
  /// handed to the kernel.
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept {
    if (backend_has_work()) return time();
    const std::optional<time_point> due = next_due();
    const std::optional<time_point> attempt = backend_interface().next_attempt();
    return due && attempt ? std::min(due, attempt) : due ? due : attempt;
  }

  /// The loop's only S, a LoopService, made at the first call with a reference to the loop;
  /// destroyed when the loop closes, after its tasks.
  template <class S>
  [[nodiscard]] S& service() {
    return services_.get<S>(*this);
  }

  /// The services whose shutdown() is due in `phase`, oldest first.
  [[nodiscard]] std::vector<LoopService*> services_of(ShutdownPhase phase) {
    return services_.of(phase);
  }

  void report(const detail::FailureReport& failure) noexcept override;

  /// Called on the loop's thread after request_attention(), for instance by run() after SIGINT.
  void set_attention_handler(detail::Function<void()> handler) noexcept {
    attention_handler_ = std::move(handler);
  }

 private:
  friend class asyncio::UnstartedTask;

  /// What a thread does with the loop.
  enum class Visit : bool {
    turn,  ///< it will be back soon
    run    ///< it may not come back
  };

  /// The loop is the thread's running loop for a scope.
  class Running {
   public:
    Running(EventLoop& loop, Visit visit) : loop_(loop), visit_(visit) {
      loop.check_can_run();
      loop.move_here();
      loop.set_running(true);
      loop.stack_base_ = __builtin_frame_address(0);
      thread_state().running_loop = &loop;
      context_ = std::exchange(thread_state().context, nullptr);
      watch_for_never_awaited(loop.get_debug());
    }
    Running(const Running&) = delete;  // restores once
    Running& operator=(const Running&) = delete;
    ~Running() {
      watch_for_never_awaited(false);
      thread_state().context = context_;
      thread_state().running_loop = nullptr;
      loop_.set_running(false);
      if (shall_leave()) loop_.detach_thread();
    }

   private:
    /// So that another thread can take over. The thread that made the loop keeps what it has in the
    /// kernel, and costs itself nothing.
    [[nodiscard]] bool shall_leave() const noexcept {
      if (loop_.is_inherited()) return false;
      const bool is_idle = visit_ == Visit::run && loop_.backend_interface().in_flight() == 0;
      return is_idle || !loop_.was_made_here();
    }

    EventLoop& loop_;
    Visit visit_;
    detail::FramePool::User recycling_;  // on a thread that did not make the loop
    Context* context_;
  };

  void check_can_run() const {
    if (is_closed()) throw RuntimeError("Event loop is closed");
    check_not_inherited();
    if (is_running()) throw RuntimeError("This event loop is already running");
    if (thread_state().running_loop)
      throw RuntimeError("Cannot run the event loop while another loop is running");
  }

  /// From the first loop on, a forked child sees no loop of its parent.
  static void watch_forks() {
    static const bool is_watching = (static_cast<void>(inherited_error()),
                                     os::call_in_forked_children(&leave_parents_loops), true);
    static_cast<void>(is_watching);
  }
  static void leave_parents_loops() noexcept {
    detail::ThreadState& thread = thread_state();
    if (thread.running_loop) thread.running_loop->mark_inherited();
    thread.running_loop = nullptr;
    thread.set_loop = nullptr;
    thread.scheduler = nullptr;
    KnownLoop::forget_all();
    thread.never_awaited = nullptr;
  }

  static detail::ThreadState& thread_state() noexcept { return detail::thread_state; }
  static void report_never_awaited(const char* function, const char* file, unsigned line);
  static void watch_for_never_awaited(bool enabled) noexcept {
    thread_state().never_awaited = enabled ? &EventLoop::report_never_awaited : nullptr;
  }
  static bool debug_from_environment() noexcept {
    const char* value = std::getenv("ASYNCIO_DEBUG");
    return value && *value && std::string_view(value) != "0";
  }

  void attend() noexcept override {
    if (attention_handler_) attention_handler_();
  }

  void launch(detail::TaskBase& task, bool eagerly) noexcept {
    if (!task.name_) task.number_ = next_task_number();
    if (eagerly && is_running())
      task.start_eagerly(tasks_);
    else
      task.start(tasks_);
  }

  void check_new_task(const detail::PromiseBase& root, std::source_location where) {
    check_usable();
    if (is_checked() && get_debug() && is_running()) check_object(root.object_, where);
  }
  /// Debug mode: reports a coroutine whose object will be gone before its first step.
  /// Not inlined: what lies below its own frame is free stack.
  __attribute__((noinline)) void check_object(const void* object, std::source_location where) {
    const auto address = reinterpret_cast<std::uintptr_t>(object);  // stacks grow downwards
    if (address < reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) ||
        address > reinterpret_cast<std::uintptr_t>(stack_base_))
      return;
    call_exception_handler(
        {.message =
             "asyncio: create_task() got a coroutine whose lambda, or object, is a temporary "
             "on the stack: it is gone when the coroutine starts. Pass the lambda itself, "
             "create_task(lambda), or keep the object where it outlives the task",
         .exception = nullptr,
         .task = {},
         .future = {},
         .handle = {},
         .where = where});
  }

  /// Numbers come in blocks, so that threads share the counter seldom; those of a thread go on from
  /// loop to loop.
  static std::uint64_t next_task_number() noexcept {
    static constinit std::atomic<std::uint64_t> next_block{0};
    constexpr std::uint64_t block = 1024;
    std::uint64_t& number = thread_state().task_number;
    if (number % block == 0) [[unlikely]]
      number = block * next_block.fetch_add(1, std::memory_order_relaxed);
    return ++number;
  }

  /// Where that fails there may be nothing to do: what the kernel still has is seen when it is.
  void try_move_here() noexcept {
    try {
      if (!is_closed() && !is_inherited()) move_here();
    } catch (...) {
    }
  }
  void close_now() noexcept;

  detail::FramePool::User recycling_;
  detail::List<detail::TaskHook> tasks_;  // unfinished, in order of creation
  detail::ServiceTable services_;
  TaskFactory task_factory_;
  ExceptionHandler exception_handler_;
  detail::Function<void()> attention_handler_;
  std::string reason_;
  const void* stack_base_ = nullptr;  // of the running loop: what lies above it ends with the step
  bool stopping_ = false;
};

}  // namespace ASYNCIO_ABI

inline EventLoop& AnyFuture::get_loop() const noexcept {
  return static_cast<EventLoop&>(state_->scheduler());
}

inline UnstartedTask::~UnstartedTask() {
  if (task_) task_->as_task()->abandon();
}
inline AnyTask UnstartedTask::start() && {
  loop_->launch(*task_->as_task(), false);
  return AnyTask(std::exchange(task_, {}));
}
inline AnyTask UnstartedTask::start_eagerly() && {
  loop_->launch(*task_->as_task(), true);
  return AnyTask(std::exchange(task_, {}));
}

inline void EventLoop::call_exception_handler(const ExceptionContext& context) noexcept {
  if (!exception_handler_) return default_exception_handler(context);
  // Python: the handler runs in the context of the task concerned.
  std::optional<detail::ContextScope> scope;
  Context task_context;
  if (context.task) {
    task_context = context.task.get_context();
    scope.emplace(task_context);
  }
  try {
    exception_handler_(*this, context);
  } catch (...) {
    std::exception_ptr error = std::current_exception();
    if (detail::stops_the_loop(error)) return interrupt(std::move(error));
    default_exception_handler({.message = "Unhandled error in exception handler",
                               .exception = std::move(error),
                               .task = {},
                               .future = {},
                               .handle = {},
                               .where = context.where});
    default_exception_handler(context);
  }
}

inline void EventLoop::report(const detail::FailureReport& failure) noexcept {
  ExceptionContext context{.message = failure.message,
                           .exception = failure.exception,
                           .task = {},
                           .future = {},
                           .handle = {},
                           .where = failure.where};
  if (failure.future) {
    detail::Ref<detail::FutureBase> future(failure.future);
    if (future->as_task()) context.task = AnyTask(future);
    context.future = AnyFuture(std::move(future));
  }
  if (failure.handle)
    context.handle = Handle(detail::Ref(static_cast<detail::HandleState*>(failure.handle)));
  call_exception_handler(context);
}

inline void EventLoop::report_never_awaited(const char* function, const char* file, unsigned line) {
  const std::string message = std::string("coroutine '") + function + "' (" + file + ':' +
                              std::to_string(line) + ") was never awaited";
  detail::thread_state.running_loop->call_exception_handler({.message = message,
                                                             .exception = nullptr,
                                                             .task = {},
                                                             .future = {},
                                                             .handle = {},
                                                             .where = {}});
}

inline void EventLoop::close_now() noexcept {
  if (!mark_closed()) return;
  if (is_inherited()) return services_.abandon();
  std::vector<AnyTask> pending = all_tasks();  // keeps them while the queue may name them
  for (const AnyTask& task : pending) {
    call_exception_handler({.message = "Task was destroyed but it is pending!",
                            .exception = nullptr,
                            .task = task,
                            .future = task,
                            .handle = {},
                            .where = task.made_at()});
  }
  for (const AnyTask& task : pending) {
    auto& state = *task.shared_state()->as_task();
    state.abandon();
    state.drop_ref();  // the loop's
  }
  services_.clear();
  discard_all();
}

}  // namespace asyncio

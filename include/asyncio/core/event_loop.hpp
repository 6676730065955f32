// The event loop: schedules callbacks, timers and tasks on one thread. It knows no socket.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html
#pragma once

#include <asyncio/backend/default_backend.hpp>
#include <asyncio/core/any_task.hpp>
#include <asyncio/core/handle.hpp>
#include <asyncio/detail/function.hpp>
#include <asyncio/fwd.hpp>
#include <optional>
#include <vector>

namespace asyncio {

/// What an exception handler is told. Members that do not apply are empty.
struct ExceptionContext {
  std::string_view message;
  std::exception_ptr exception;
  AnyTask task;
  AnyFuture future;
  Handle handle;
  std::source_location where;  ///< where the thing concerned was made; line 0: unknown
};

/// Receives the failures that nobody could catch.
using ExceptionHandler = detail::Function<void(EventLoop&, const ExceptionContext&)>;

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

inline namespace ASYNCIO_ABI {

/// Something of an upper layer that lives as long as a loop: a pool of threads, a cache.
class LoopService {
 public:
  LoopService() = default;
  LoopService(const LoopService&) = delete;  // owned by one loop
  LoopService& operator=(const LoopService&) = delete;
  virtual ~LoopService() = default;

 private:
  friend class EventLoop;
  const void* key_ = nullptr;
  std::unique_ptr<LoopService> next_;
};

/// One thread's loop. Made by new_event_loop(), run(), or a Runner.
/// Threads: everything but call_soon_threadsafe() belongs to the thread that runs it.
class EventLoop final : public detail::Scheduler {
 public:
  /// Throws: std::system_error when the kernel refuses the backend asked for.
  explicit EventLoop(Backend backend = Backend::automatic)
      : EventLoop(detail::make_backend(backend)) {}
  /// With a backend of one's own: a test's scripted kernel or virtual clock.
  explicit EventLoop(detail::MadeBackend made)
      : Scheduler(std::move(made.backend)), reason_(std::move(made.reason)) {
    set_debug(debug_from_environment());
  }
  /// Closes the loop. Tasks that are still pending are reported and destroyed.
  ~EventLoop() override {
    close_now();
    if (thread_state().set_loop == this) thread_state().set_loop = nullptr;
  }

  // Running and stopping

  /// Runs until stop(). Throws: RuntimeError if the loop is closed or running, or another loop
  /// runs on this thread; KeyboardInterrupt or SystemExit out of a task or callback.
  void run_forever() {
    Running running(*this);
    do {
      run_turn(stopping_ ? duration::zero() : detail::Backend::forever);
      throw_interruption();
    } while (!stopping_);
    stopping_ = false;
  }

  /// One turn, waiting at most `timeout` when nothing is ready: to drive the loop from another one.
  void run_once(duration timeout = duration::zero()) {
    Running running(*this);
    run_turn(timeout);
    throw_interruption();
  }

  /// Runs until the awaitable or future is done, and gives its result.
  template <class A>
  auto run_until_complete(A&& awaitable);

  /// Ends run_forever() after the current turn.
  void stop() noexcept { stopping_ = true; }

  /// Drops what is scheduled and destroys pending tasks. Idempotent. Throws: RuntimeError if running.
  void close() {
    if (is_running()) throw RuntimeError("Cannot close a running event loop");
    close_now();
  }
  [[nodiscard]] bool is_running() const noexcept { return running_; }
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }

  // Callbacks

  /// Calls `function(args…)` in the next turn, in a copy of the current context. First in, first out.
  /// Throws: RuntimeError if the loop is closed. Cost: one recycled block.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon(F&& function, Args&&... args) {
    return call_soon(detail::capture_context(), std::forward<F>(function),
                     std::forward<Args>(args)...);
  }
  /// The same in `context` itself, not in a copy.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon(Context context, F&& function, Args&&... args) {
    check_usable();
    auto callback = make_callback(std::move(context), detail::Sharing::one_thread,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the queue's
    push(*callback);
    return Handle(std::move(callback));
  }

  /// The same from any thread; wakes the loop, once for a burst of calls.
  /// Throws: RuntimeError if the loop is closed. Lifetime: the loop must not be destroyed meanwhile.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  Handle call_soon_threadsafe(F&& function, Args&&... args) {
    if (closed_.load(std::memory_order_acquire)) throw RuntimeError("Event loop is closed");
    auto callback = make_callback(detail::capture_context(), detail::Sharing::many_threads,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the queue's
    push_threadsafe(*callback);
    return Handle(std::move(callback));
  }

  /// Calls `function(args…)` after `delay`; at once in the next turn if that is not positive.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(duration delay, F&& function, Args&&... args) {
    return call_at(deadline_after(delay), std::forward<F>(function), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_later(Context context, duration delay, F&& function, Args&&... args) {
    return call_at(std::move(context), deadline_after(delay), std::forward<F>(function),
                   std::forward<Args>(args)...);
  }

  /// Calls `function(args…)` once the loop's clock has reached `when`; never before. Equal
  /// deadlines run in the order of the calls (Differs from Python: there it is undefined).
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(time_point when, F&& function, Args&&... args) {
    return call_at(detail::capture_context(), when, std::forward<F>(function),
                   std::forward<Args>(args)...);
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  TimerHandle call_at(Context context, time_point when, F&& function, Args&&... args) {
    check_usable();
    reserve_timer();
    auto callback = make_callback(std::move(context), detail::Sharing::one_thread,
                                  std::forward<F>(function), std::forward<Args>(args)...);
    callback->add_ref();  // the heap's
    start_timer(*callback, when);
    return TimerHandle(std::move(callback));
  }

  /// `delay` from now, without overflow.
  [[nodiscard]] time_point deadline_after(duration delay) const noexcept {
    const time_point now = time();
    return delay > time_point::max() - now ? time_point::max() : now + delay;
  }

  // Futures and tasks

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
  [[nodiscard]] const TaskFactory& get_task_factory() const noexcept { return task_factory_; }

  /// The unfinished tasks, in order of creation.
  [[nodiscard]] std::vector<AnyTask> all_tasks() {
    std::vector<AnyTask> tasks;
    for (detail::TaskHook* hook = tasks_.first(); hook; hook = tasks_.next(*hook))
      tasks.push_back(AnyTask(detail::Ref<detail::FutureBase>(static_cast<detail::TaskBase*>(hook))));
    return tasks;
  }
  /// The task whose step is executing; empty in a plain callback.
  [[nodiscard]] AnyTask current_task() const noexcept {
    return AnyTask(detail::Ref<detail::FutureBase>(running_task()));
  }

  // Failures that nobody can catch

  /// Replaces the default handler; nullptr restores it.
  void set_exception_handler(ExceptionHandler handler) noexcept {
    exception_handler_ = std::move(handler);
  }
  [[nodiscard]] const ExceptionHandler& get_exception_handler() const noexcept {
    return exception_handler_;
  }
  /// Prints to stderr.
  void default_exception_handler(const ExceptionContext& context) noexcept {
    detail::print_failure({.message = context.message, .exception = context.exception,
                           .future = nullptr, .handle = nullptr, .where = context.where});
  }
  /// Tells the handler; a handler that throws is itself reported to the default one. Never throws.
  void call_exception_handler(const ExceptionContext& context) noexcept;

  // Debugging

  [[nodiscard]] bool get_debug() const noexcept { return debug_; }
  void set_debug(bool enabled) noexcept {
    debug_ = enabled;
    checked_ = debug_ || closed_;
  }
  /// In debug mode, a callback or step that takes this long is reported.
  duration slow_callback_duration = std::chrono::milliseconds(100);

  // Beyond Python

  /// The name of the kernel interface in use: "io_uring" or "epoll".
  [[nodiscard]] std::string_view backend() const noexcept { return backend_interface().name(); }
  /// Why this one, and why not the other, as a sentence.
  [[nodiscard]] const std::string& backend_reason() const noexcept { return reason_; }
  /// Readable when run_once() has something to do; for another loop's poll.
  [[nodiscard]] int fd() const noexcept { return backend_interface().fd(); }
  /// When run_once() is due by the clock, if at all.
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept {
    return has_ready() ? std::optional(time()) : first_deadline();
  }

  /// The loop's only S, made at the first call with a reference to the loop; destroyed when the
  /// loop closes, after its tasks.
  template <class S>
  [[nodiscard]] S& service() {
    static constexpr char key = 0;
    for (LoopService* service = services_.get(); service; service = service->next_.get())
      if (service->key_ == &key) return static_cast<S&>(*service);
    auto made = std::make_unique<S>(*this);
    made->key_ = &key;
    made->next_ = std::move(services_);
    S& result = *made;
    services_ = std::move(made);
    return result;
  }

  void report(const detail::FailureReport& failure) noexcept override;

  /// Called on the loop's thread after request_attention(), for instance by run() after SIGINT.
  void set_attention_handler(detail::Function<void()> handler) noexcept {
    attention_handler_ = std::move(handler);
  }

 private:
  friend class asyncio::UnstartedTask;

  /// The loop is the thread's running loop for a scope.
  class Running {
   public:
    explicit Running(EventLoop& loop) : loop_(loop) {
      if (loop.closed_) throw RuntimeError("Event loop is closed");
      if (loop.running_) throw RuntimeError("This event loop is already running");
      if (thread_state().running_loop)
        throw RuntimeError("Cannot run the event loop while another loop is running");
      loop.running_ = true;
      loop.set_running_here(true);
      thread_state().running_loop = &loop;
      context_ = std::exchange(thread_state().context, nullptr);
      thread_state().never_awaited = loop.debug_ ? &EventLoop::report_never_awaited : nullptr;
    }
    Running(const Running&) = delete;  // restores once
    Running& operator=(const Running&) = delete;
    ~Running() {
      thread_state().context = context_;
      thread_state().running_loop = nullptr;
      loop_.set_running_here(false);
      loop_.running_ = false;
    }

   private:
    EventLoop& loop_;
    Context* context_;
  };

  static detail::ThreadState& thread_state() noexcept { return detail::thread_state; }
  static void report_never_awaited(const char* function, const char* file, unsigned line);
  static bool debug_from_environment() noexcept {
    const char* value = std::getenv("ASYNCIO_DEBUG");
    return value && *value && std::string_view(value) != "0";
  }

  void attend() noexcept override {
    if (attention_handler_) attention_handler_();
  }

  void check_usable() const {
    if (checked_) [[unlikely]] check_slowly();
  }
  __attribute__((noinline)) void check_slowly() const {
    if (closed_) throw RuntimeError("Event loop is closed");
    if (debug_ && !may_be_used_here())
      throw RuntimeError(
          "Non-thread-safe operation invoked on an event loop other than the current one");
  }

  template <class F, class... Args>
  auto make_callback(Context context, detail::Sharing sharing, F&& function, Args&&... args) {
    using State = detail::Callback<std::decay_t<F>, std::decay_t<Args>...>;
    return detail::Ref<detail::HandleState>(
        new State(*this, std::move(context), sharing, std::source_location{},
                  std::forward<F>(function), std::forward<Args>(args)...));
  }

  void launch(detail::TaskBase& task, bool eagerly) noexcept {
    task.number_ = next_task_number();
    if (eagerly && running_)
      task.start_eagerly(tasks_);
    else
      task.start(tasks_);
  }

  /// Numbers come in blocks, so that loops on several threads share the counter seldom.
  std::uint64_t next_task_number() noexcept {
    static constinit std::atomic<std::uint64_t> next_block{0};
    constexpr std::uint64_t block = 1024;
    if (task_number_ % block == 0) [[unlikely]]
      task_number_ = block * next_block.fetch_add(1, std::memory_order_relaxed);
    return ++task_number_;
  }

  void close_now() noexcept;

  detail::FramePool::User recycling_;
  detail::List<detail::TaskHook> tasks_;  // unfinished, in order of creation
  std::unique_ptr<LoopService> services_;
  TaskFactory task_factory_;
  ExceptionHandler exception_handler_;
  detail::Function<void()> attention_handler_;
  std::string reason_;
  std::uint64_t task_number_ = 0;  // the last one given
  std::atomic<bool> closed_{false};
  bool checked_ = false;  // closed or in debug mode: calls are looked at more closely
  bool running_ = false;
  bool stopping_ = false;
  bool debug_ = false;
};

}  // namespace ASYNCIO_ABI

inline EventLoop& AnyFuture::get_loop() const noexcept {
  return static_cast<EventLoop&>(state_->scheduler());
}

/// The loop that runs on this thread. Throws: RuntimeError "no running event loop".
[[nodiscard]] inline EventLoop& get_running_loop() {
  EventLoop* const loop = detail::thread_state.running_loop;
  if (!loop) throw RuntimeError("no running event loop");
  return *loop;
}

/// The running loop, else the one that set_event_loop() installed.
/// Throws: RuntimeError where there is neither.
[[nodiscard]] inline EventLoop& get_event_loop() {
  if (detail::thread_state.running_loop) return *detail::thread_state.running_loop;
  if (detail::thread_state.set_loop) return *detail::thread_state.set_loop;
  throw RuntimeError("There is no current event loop in this thread.");
}

/// Installs `loop` for this thread's get_event_loop(); null uninstalls. Borrowed.
inline void set_event_loop(EventLoop* loop) noexcept { detail::thread_state.set_loop = loop; }

/// A new loop, not installed anywhere.
[[nodiscard]] inline std::unique_ptr<EventLoop> new_event_loop(
    Backend backend = Backend::automatic) {
  return std::make_unique<EventLoop>(backend);
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
                               .exception = std::move(error), .task = {}, .future = {},
                               .handle = {}, .where = context.where});
    default_exception_handler(context);
  }
}

inline void EventLoop::report(const detail::FailureReport& failure) noexcept {
  ExceptionContext context{.message = failure.message, .exception = failure.exception, .task = {},
                           .future = {}, .handle = {}, .where = failure.where};
  if (failure.future) {
    detail::Ref<detail::FutureBase> future(failure.future);
    if (future->as_task()) context.task = AnyTask(future);
    context.future = AnyFuture(std::move(future));
  }
  if (failure.handle)
    context.handle = Handle(detail::Ref(static_cast<detail::HandleState*>(failure.handle)));
  call_exception_handler(context);
}

inline void EventLoop::report_never_awaited(const char* function, const char* file,
                                            unsigned line) {
  const std::string message = std::string("coroutine '") + function + "' (" + file + ':' +
                              std::to_string(line) + ") was never awaited";
  detail::thread_state.running_loop->call_exception_handler(
      {.message = message, .exception = nullptr, .task = {}, .future = {}, .handle = {},
       .where = {}});
}

inline void EventLoop::close_now() noexcept {
  if (closed_.exchange(true)) return;
  checked_ = true;
  std::vector<AnyTask> pending = all_tasks();  // keeps them while the queue may name them
  for (const AnyTask& task : pending) {
    call_exception_handler({.message = "Task was destroyed but it is pending!",
                            .exception = nullptr, .task = task, .future = task, .handle = {},
                            .where = task.made_at()});
  }
  for (const AnyTask& task : pending) {
    auto& state = *task.shared_state()->as_task();
    state.abandon();
    state.drop_ref();  // the loop's
  }
  services_.reset();
  discard_all();
}

}  // namespace asyncio

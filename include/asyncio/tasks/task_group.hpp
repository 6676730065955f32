// TaskGroup: a scope that does not end before its tasks.
// Reference: https://docs.python.org/3/library/asyncio-task.html#task-groups; asyncio/taskgroups.py.
#pragma once

#include <asyncio/core/exception_group.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/tasks/async_with.hpp>

namespace asyncio {
namespace detail {
template <class T>
class StartState;
}

/// Tasks that live and die together: `co_await async_with(TaskGroup{}, [&](TaskGroup& tg) …)`.
/// Leaving the scope waits for every task. The first that fails cancels the others and the body;
/// all failures are then raised as one ExceptionGroup. Entered once; may be moved before.
class TaskGroup {
 public:
  TaskGroup() noexcept = default;
  TaskGroup(TaskGroup&& other) noexcept : cancel_on_entry_(other.cancel_on_entry_) {
    ASYNCIO_ASSERT(!other.parent_, "a TaskGroup was moved after it was entered");
  }
  ~TaskGroup() {
    while (Child* child = children_.pop_front()) delete child;
    while (Child* child = failed_.pop_front()) delete child;
  }

  /// Schedules a task of the group, as asyncio::create_task() does.
  /// Throws: RuntimeError if the group was not entered, is shutting down, or is finished; the
  /// coroutine is then destroyed unstarted.
  template <class A>
  auto create_task(A&& awaitable, const TaskOptions& options = {},
                   std::source_location where = std::source_location::current()) {
    auto task = detail::to_task(std::forward<A>(awaitable));
    if (const char* refusal = why_refused()) {
      task.close();
      refuse(refusal);
    }
    auto child = std::make_unique<Child>(*this);  // before there is a task that could escape
    auto handle = loop_->create_task(std::move(task), options, where);
    adopt(std::move(child), handle.shared_state());
    return handle;
  }

  /// Runs `function(started)` in a new task and waits until that has called `started(value)`; gives
  /// the value. From then on the task belongs to the group, with what `function` owns. Needs
  /// <asyncio/tasks/started.hpp>.
  /// Throws: what the task ended by before it called started(), RuntimeError if it returned; then the
  /// group never had it. RuntimeError where create_task() throws it.
  /// Cancellation: cancels the task and waits for it, if it has not called started() yet.
  template <class T = void, class F>
  [[nodiscard("co_await the start")]] Task<T> start(F function);

  /// Ends the group early and without an error: cancels its tasks and the body. Idempotent. Before
  /// entry: the body then runs up to its first suspension. (Python's main branch, after 3.14.)
  void cancel() noexcept {
    if (state_ == State::created) {
      cancel_on_entry_ = true;
      return;
    }
    if (state_ == State::finished || aborting_) return;
    abort();
    if (state_ == State::body) cancel_parent();
  }

  /// "<TaskGroup tasks=2 errors=1 cancelling>": what applies.
  friend std::string to_string(const TaskGroup& group) {
    std::string text = "<TaskGroup";
    if (!group.children_.empty()) text += " tasks=" + std::to_string(group.children_.size());
    if (const std::size_t errors = group.failed_.size())
      text += " errors=" + std::to_string(errors);
    if (group.aborting_)
      text += " cancelling";
    else if (group.state_ != State::created)
      text += " entered";
    return text + '>';
  }

  /// For async_with(). Throws: RuntimeError outside a task, or a second time.
  TaskGroup& aenter() {
    if (state_ != State::created) refuse("has already been entered");
    loop_ = &get_running_loop();
    parent_ = loop_->current_task();
    if (!parent_) refuse("cannot determine the parent task");
    state_ = State::body;
    if (cancel_on_entry_) cancel();
    return *this;
  }

  /// Waits for the tasks, then raises what there is to raise. True: the cancellation that ended the
  /// body was the group's own.
  template <class OnDemand = void>
  Task<bool> aexit(std::exception_ptr body_error) {
    state_ = State::exiting;
    std::exception_ptr cancellation;
    if (detail::holds<CancelledError>(body_error)) cancellation = body_error;
    bool is_own = cancellation && parent_cancel_requested_;
    note_stopping(body_error);
    if (body_error && !aborting_) abort();
    while (!is_empty()) {
      Outcome<void> woken = co_await as_outcome(wait_for_children());
      if (woken.has_value()) continue;
      // Of several requests the first from outside is raised. An error of the body comes before
      // all, as in Python; the request stays counted.
      if (is_own || (!cancellation && (!aborting_ || !body_error))) cancellation = woken.error();
      is_own = false;
      if (!aborting_) abort();
    }
    state_ = State::finished;
    co_return conclude(std::move(body_error), std::move(cancellation));
  }

 private:
  template <class T>
  friend class detail::StartState;

  enum class State : unsigned char { created, body, exiting, finished };

  /// A task of the group, in order of creation.
  struct Child final : detail::Pooled, detail::ListHook {
    explicit Child(TaskGroup& owner) noexcept : group(owner) {}
    void child_done(detail::FutureBase& task) noexcept { group.task_done(*this, task); }
    TaskGroup& group;
    detail::ChildSubscription<Child> subscription;
    std::exception_ptr error;  // of a task that failed
  };

  [[nodiscard]] const char* why_refused() const noexcept {
    if (state_ == State::created) return "has not been entered";
    if (state_ == State::finished || (state_ == State::exiting && is_empty())) return "is finished";
    return aborting_ ? "is shutting down" : nullptr;
  }
  [[noreturn]] __attribute__((noinline)) void refuse(const char* why) const {
    throw RuntimeError("TaskGroup " + to_string(*this) + ' ' + why);
  }

  [[nodiscard]] bool is_empty() const noexcept { return children_.empty() && starting_ == 0; }
  /// The group does not end while a start() is under way.
  void begin_start() {
    if (const char* refusal = why_refused()) refuse(refusal);
    ++starting_;
  }
  void end_start() noexcept {
    --starting_;
    if (is_empty()) finished_.wake_one();
  }

  void adopt(std::unique_ptr<Child> owned, const detail::Ref<detail::FutureBase>& task) noexcept {
    Child* const child = owned.release();
    children_.push_back(*child);
    child->subscription.watch(*child, task);
    // An eager task may have ended the group in its own first step (gh-155418).
    if (aborting_ && !task->done()) task->cancel(nullptr);
  }

  template <class OnDemand = void>
  Task<> wait_for_children() {
    co_await finished_.wait();
  }

  void task_done(Child& child, detail::FutureBase& task) noexcept {
    const auto alive = child.subscription.release();
    std::unique_ptr<Child> owned(&child);
    child.detail::ListHook::unlink();
    if (is_empty()) finished_.wake_one();
    if (task.cancelled() || task.succeeded()) return;
    child.error = task.failure();
    note_stopping(child.error);
    if (parent_.done()) return report_orphan(child.error, task);
    failed_.push_back(*owned.release());
    if (!aborting_ && !parent_cancel_requested_) {
      abort();
      cancel_parent();
    }
  }

  void note_stopping(const std::exception_ptr& error) noexcept {
    if (!stopping_error_ && detail::stops_the_loop(error)) stopping_error_ = error;
  }

  void abort() noexcept {
    aborting_ = true;
    for (Child* child = children_.first(); child; child = children_.next(*child))
      child->subscription.future()->cancel(nullptr);
  }
  void cancel_parent() noexcept {
    parent_cancel_requested_ = true;
    parent_.cancel();
  }

  /// The group's end, once all tasks are done. asyncio/taskgroups.py, _aexit.
  bool conclude(std::exception_ptr body_error, std::exception_ptr cancellation) {
    const bool no_requests_left = parent_cancel_requested_ && parent_.uncancel() == 0;
    if (stopping_error_) raise_stopping_error(body_error);
    if (no_requests_left) cancellation = nullptr;
    if (cancellation && failed_.empty()) std::rethrow_exception(cancellation);
    std::vector<std::exception_ptr> errors = all_errors(body_error);
    if (!errors.empty()) raise(std::move(errors));
    return detail::holds<CancelledError>(body_error);
  }
  /// Takes those of the tasks out, then the body's.
  [[nodiscard]] std::vector<std::exception_ptr> all_errors(const std::exception_ptr& body_error) {
    std::vector<std::exception_ptr> errors;
    while (Child* const failed = failed_.pop_front())
      errors.push_back(std::unique_ptr<Child>(failed)->error);
    if (body_error && !detail::holds<CancelledError>(body_error)) errors.push_back(body_error);
    return errors;
  }

  [[noreturn]] void raise(std::vector<std::exception_ptr> errors) {
    if (parent_.cancelling() > 0) {
      // Keeps the count and raises the cancellation at the next await.
      parent_.uncancel();
      parent_.cancel();
    }
    std::rethrow_exception(
        detail::make_group("unhandled errors in a TaskGroup", std::move(errors)));
  }

  /// KeyboardInterrupt and SystemExit leave bare; what they displace is reported (gh-135736).
  [[noreturn]] void raise_stopping_error(const std::exception_ptr& body_error) {
    for (const std::exception_ptr& error : all_errors(body_error)) {
      if (error == stopping_error_) continue;
      loop_->call_exception_handler({.message = "an error of a TaskGroup was displaced by "
                                                "KeyboardInterrupt or SystemExit",
                                     .exception = error,
                                     .task = parent_,
                                     .future = parent_,
                                     .handle = {},
                                     .where = parent_.made_at()});
    }
    std::rethrow_exception(stopping_error_);
  }

  void report_orphan(std::exception_ptr error, detail::FutureBase& task) noexcept {
    loop_->report({.message =
                       "a task of a TaskGroup has errored out but its parent task is already "
                       "completed",
                   .exception = std::move(error),
                   .future = &task,
                   .handle = nullptr,
                   .where = task.made_at()});
  }

  EventLoop* loop_ = nullptr;
  AnyTask parent_;                     // the task that entered
  detail::List<Child> children_;       // not done, or their end not yet processed
  detail::WaitQueue finished_;         // the parent, in aexit()
  detail::List<Child> failed_;         // in the order in which they failed
  std::exception_ptr stopping_error_;  // the first KeyboardInterrupt or SystemExit
  int starting_ = 0;                   // calls of start() under way
  State state_ = State::created;
  bool aborting_ = false;                 // the children were cancelled
  bool parent_cancel_requested_ = false;  // the group has called parent_.cancel()
  bool cancel_on_entry_ = false;
};

static_assert(AsyncContextManager<TaskGroup>);

}  // namespace asyncio

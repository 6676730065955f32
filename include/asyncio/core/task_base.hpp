// A scheduled task, without its type: how it is stepped, cancelled and ended.
// Reference: asyncio/tasks.py, Task; PITFALLS: the trampoline protocol (docs/architecture.md).
#pragma once

#include <asyncio/core/future_base.hpp>
#include <asyncio/core/suspension.hpp>
#include <asyncio/detail/assert.hpp>
#include <coroutine>
#include <cstdint>
#include <memory>

namespace asyncio::detail {

class CallBase;

/// The part of a coroutine's promise that does not depend on its type.
///
/// A chain of calls is linked both ways: a frame knows its awaiter (parent_), and through the
/// awaiter object of its pending call the frame it waits for (call_).
class PromiseBase {
 public:
  PromiseBase() noexcept : object_(nullptr) {}  // the rest is set when the frame is started
  PromiseBase(const PromiseBase&) = delete;     // lives in its frame
  PromiseBase& operator=(const PromiseBase&) = delete;

  ASYNCIO_ALWAYS_INLINE static void* operator new(std::size_t size) {
    return FramePool::allocate(size);
  }
  ASYNCIO_ALWAYS_INLINE static void operator delete(void* memory, std::size_t size) noexcept {
    FramePool::deallocate(memory, size);
  }

  /// Safe because every promise type derives from PromiseBase as its first base and is aligned
  /// to at most 16 bytes, so that the promise stands behind the frame's two pointers.
  [[nodiscard]] std::coroutine_handle<PromiseBase> frame() noexcept {
    return std::coroutine_handle<PromiseBase>::from_promise(*this);
  }

  union {
    const void* object_;   // before the start: whose member function this is; null: nobody's
    PromiseBase* parent_;  // from the start on: the frame that awaits this one; null: the root
  };
  TaskBase* task_;              // from the start on: the task that runs this frame
  CallBase* call_;              // the last call: under way, unless this frame is the innermost one
  std::source_location where_;  // the function, then the line of the last co_await
};

/// A co_await of a coroutine. Stands in the awaiting frame and owns the awaited one.
class CallBase {
 public:
  explicit CallBase(PromiseBase* child) noexcept : child_(child) {}
  CallBase(const CallBase&) = delete;  // the awaiting promise points at it
  CallBase& operator=(const CallBase&) = delete;
  ASYNCIO_ALWAYS_INLINE ~CallBase() {
    if (child_) child_->frame().destroy();
  }

  [[nodiscard]] PromiseBase* child() const noexcept { return child_; }
  /// Destroys the awaited frame ahead of time: forced destruction goes from the leaf outwards.
  void destroy_child() noexcept { std::exchange(child_, nullptr)->frame().destroy(); }

 protected:
  PromiseBase* child_;
};

/// A task's place in its loop's list of unfinished tasks.
struct TaskHook : ListHook {};

/// A coroutine that the loop runs, and the future of its result.
///
/// The loop holds a reference until the task is done; then the frame, with the parameters in it,
/// is destroyed, and handles keep only the result.
class TaskBase : public FutureBase, public ReadyNode, public TaskHook {
 public:
  enum class Progress : unsigned char {
    queued,     ///< in the ready queue, or about to be put there
    running,    ///< inside step()
    suspended,  ///< waits for something that will call wake()
    done
  };

  TaskBase(Scheduler& scheduler, PromiseBase& root, Context context,
           std::source_location made_at) noexcept
      : FutureBase(scheduler, made_at, OfTask{}),
        ReadyNode(&run_first_step),
        root_(&root),
        resume_point_(&root),
        context_(std::move(context)) {
    root.task_ = this;
    root.parent_ = nullptr;
  }
  ASYNCIO_ALWAYS_INLINE ~TaskBase() override { ASYNCIO_ASSERT(!root_, "a task outlived its loop"); }

  /// Counts a request and delivers it: to what is waited for, or at the next suspension.
  bool cancel(const std::exception_ptr& reason) noexcept override {
    mark_retrieved();
    if (done()) return false;
    // A task that waits for a task hands the request on. A loop, because chains may be long; a ring
    // of tasks that wait for each other is noticed by coming back to a mark (Brent's algorithm).
    TaskBase* task = this;
    TaskBase* mark = this;
    for (unsigned steps = 1;; ++steps) {
      ++task->cancel_requests_;
      TaskBase* const next = task->awaited_task();
      if (!next) break;
      if (next == mark) [[unlikely]]
        return task->end_wait(reason);
      task = next;
      if ((steps & (steps - 1)) == 0) mark = task;
    }
    if (task->waiting_ && task->waiting_->cancel(reason)) return true;
    task->must_cancel_ = true;
    task->cancel_reason_ = reason;
    return true;
  }

  [[nodiscard]] int cancelling() const noexcept { return cancel_requests_; }
  int uncancel() noexcept {
    if (cancel_requests_ > 0 && --cancel_requests_ == 0) must_cancel_ = false;
    return cancel_requests_;
  }

  /// The task stops at `frame` until wake(); `wait` is what cancel() reaches, if anything.
  void suspend(PromiseBase& frame, Suspension* wait) noexcept {
    ASYNCIO_ASSERT(progress_ == Progress::running && resume_point_ == &frame,
                   "a coroutine suspended outside of its task");
    waiting_ = wait;
    progress_ = Progress::suspended;
  }

  /// The task stops at `frame` and runs again in the next turn; cancel() is raised there.
  void yield(PromiseBase& frame) noexcept {
    ASYNCIO_ASSERT(resume_point_ == &frame, "a coroutine yields outside of its task");
    progress_ = Progress::queued;
    scheduler().push(*this);
  }

  /// The wait is decided: the task runs in the next turn.
  void wake() noexcept {
    ASYNCIO_ASSERT(progress_ == Progress::suspended, "a task was woken that is not suspended");
    if (Scheduler::are_threads_checked()) [[unlikely]]
      check_waker();
    waiting_ = nullptr;
    progress_ = Progress::queued;
    scheduler().push(*this);
  }

  /// The wait is decided for now: `node` runs in the task's place and calls run_now() or
  /// suspend_again(). Meanwhile a request is remembered, as after wake().
  void wake_through(ReadyNode& node) noexcept {
    ASYNCIO_ASSERT(progress_ == Progress::suspended, "a task was woken that is not suspended");
    waiting_ = nullptr;
    progress_ = Progress::queued;
    scheduler().push(node);
  }
  void run_now() noexcept { step(); }
  void suspend_again(Suspension* wait) noexcept {
    waiting_ = wait;
    progress_ = Progress::suspended;
  }

  /// Goes to the frame that runs next, when the one that runs now returns to the trampoline.
  void continue_with(PromiseBase* frame) noexcept { next_frame_ = frame; }

  /// Throws the CancelledError of a request that found nothing to cancel. Called on resumption.
  void deliver_cancel() {
    if (must_cancel_) [[unlikely]]
      throw_requested();
  }
  /// A request waits for the next suspension or resumption.
  [[nodiscard]] bool must_cancel() const noexcept { return must_cancel_; }
  [[noreturn]] __attribute__((noinline)) void throw_requested() {
    throw_cancelled(take_cancel_reason());
  }
  /// A CancelledError is about to be raised: later requests that found nothing to cancel are
  /// answered by it too (Python's Task.__step).
  void forget_requested() noexcept {
    if (must_cancel_) static_cast<void>(take_cancel_reason());
  }
  /// Remembers a request whose target turned out to be decided already.
  void request_cancel(std::exception_ptr reason) noexcept {
    must_cancel_ = true;
    cancel_reason_ = std::move(reason);
  }

  /// Schedules the first step. `registry`: the loop's list of unfinished tasks.
  void start(List<TaskHook>& registry) noexcept {
    add_ref();  // the loop's
    registry.push_back(*this);
    scheduler().push(*this);
  }
  /// Runs the first step now, inside whatever runs (Python: eager_start).
  void start_eagerly(List<TaskHook>& registry) noexcept {
    add_ref();  // the loop's
    registry.push_back(*this);
    Scheduler& loop = scheduler();
    TaskBase* const outer = loop.running_task();
    Context* const outer_context = thread_state.context;
    run_first_step(*this, Turn::run);
    loop.set_running_task(outer);
    thread_state.context = outer_context;
  }

  /// Destroys the frames of a task that will not be run any more, leaf first: the loop is closing.
  /// The task stays pending, and stays counted: the ready queue may still name it.
  void abandon() noexcept {
    if (waiting_) std::exchange(waiting_, nullptr)->detach();
    TaskHook::unlink();
    leave_queue();
    destroy_frames();
    progress_ = Progress::done;
  }

  [[nodiscard]] PromiseBase* root() const noexcept { return root_; }
  /// The frame that runs, or will run next; null once the frames are gone. Its callers follow by parent_.
  [[nodiscard]] PromiseBase* innermost() const noexcept { return resume_point_; }
  [[nodiscard]] Suspension* waiting() const noexcept { return waiting_; }
  [[nodiscard]] Progress progress() const noexcept { return progress_; }
  [[nodiscard]] Context& context() noexcept { return context_; }

  // Python numbers a task when it is made; a name of its own is stored apart, as few tasks have one.
  std::uint64_t number_ = 0;
  std::unique_ptr<std::string> name_;

 protected:
  /// Takes the outcome out of the finished root frame, destroys the frame, and settles.
  virtual void finish() noexcept = 0;

  void destroy_root() noexcept {
    resume_point_ = nullptr;
    std::exchange(root_, nullptr)->frame().destroy();
  }

  /// Settles as a failure: cancelled for a CancelledError; what stops the loop does so.
  void settle_failed(std::exception_ptr error) noexcept {
    if (holds<CancelledError>(error)) return settle_cancelled(std::move(error));
    if (stops_the_loop(error)) scheduler().interrupt(error);
    settle_error(std::move(error));
  }

  [[nodiscard]] std::exception_ptr take_cancel_reason() noexcept {
    must_cancel_ = false;
    return std::exchange(cancel_reason_, nullptr);
  }

  [[nodiscard]] const char* unretrieved_message() const noexcept override {
    return "Task exception was never retrieved";
  }

 private:
  // A task is in the queue only while its loop runs: there is nothing to discard.
  static void run_step(ReadyNode& node, Turn) noexcept { static_cast<TaskBase&>(node).step(); }
  static void run_first_step(ReadyNode& node, Turn) noexcept {
    auto& self = static_cast<TaskBase&>(node);
    if (self.must_cancel_) return self.end_unstarted();
    self.run = &run_step;
    self.step();
  }

  /// Runs the coroutines of the task until they suspend or end. The only place that resumes one.
  ASYNCIO_ALWAYS_INLINE void step() noexcept {
    Scheduler& loop = scheduler();
    loop.set_running_task(this);
    thread_state.context = &context_;
    progress_ = Progress::running;
    PromiseBase* frame = resume_point_;
    do {
      next_frame_ = nullptr;
      resume_point_ = frame;
      frame->frame().resume();
      frame = next_frame_;
    } while (frame);
    if (progress_ == Progress::running)
      end_step();
    else if (must_cancel_) [[unlikely]]
      cancel_suspended();
    loop.set_running_task(nullptr);
    thread_state.context = nullptr;
  }

  /// Python: a request made during the step reaches what the step ended up waiting for.
  __attribute__((noinline)) void cancel_suspended() noexcept {
    if (!waiting_) return;  // it waits for nothing that can be cancelled
    std::exception_ptr reason = take_cancel_reason();
    if (!waiting_->cancel(reason)) request_cancel(std::move(reason));
  }

  __attribute__((noinline)) void end_step() noexcept {
    ASYNCIO_ASSERT(root_->frame().done(),
                   "a coroutine returned control without suspending: a known fault of g++ 12.2. "
                   "Add a local variable to the coroutine, or move the co_await out of the "
                   "condition that contains it (docs/gcc12.md)");
    progress_ = Progress::done;
    finish();
    unlink_and_drop();
  }

  /// A task cancelled before its first step never executes a statement.
  void end_unstarted() noexcept {
    destroy_root();
    progress_ = Progress::done;
    settle_cancelled(take_cancel_reason());
    unlink_and_drop();
  }

  void unlink_and_drop() noexcept {
    TaskHook::unlink();
    drop_ref();  // the loop's; may end the task
  }

  __attribute__((noinline)) void check_waker() const noexcept {
    ASYNCIO_ASSERT(!Scheduler::is_misused(&scheduler()),
                   "a task was woken from another thread than its loop's: use "
                   "call_soon_threadsafe()");
  }

  /// Ends a wait that nothing else will end. Returns: true, the request was taken.
  bool end_wait(const std::exception_ptr& reason) noexcept {
    waiting_->detach();
    request_cancel(reason);
    wake();
    return true;
  }

  [[nodiscard]] TaskBase* awaited_task() const noexcept {
    FutureBase* const future = waiting_ ? waiting_->awaited_future() : nullptr;
    TaskBase* const task = future ? future->as_task() : nullptr;
    return task && !task->done() ? task : nullptr;
  }

  /// Destroys the frames of a suspended task, innermost first, so that no destructor recurses.
  void destroy_frames() noexcept {
    while (resume_point_ != root_) {
      resume_point_ = resume_point_->parent_;
      resume_point_->call_->destroy_child();
    }
    destroy_root();
  }

  PromiseBase* root_;          // null once the frame is gone
  PromiseBase* resume_point_;  // the frame that was resumed last, or will be first
  PromiseBase* next_frame_ = nullptr;
  Suspension* waiting_ = nullptr;  // null unless suspended on something that can be cancelled
  Context context_;
  std::exception_ptr cancel_reason_;  // of must_cancel_
  int cancel_requests_ = 0;           // cancel() less uncancel()
  bool must_cancel_ = false;          // a request waits for the next suspension or resumption
  Progress progress_ = Progress::queued;
};

// Safe because only TaskBase says that it is one.
inline TaskBase* FutureBase::as_task() noexcept {
  return is_task_ ? static_cast<TaskBase*>(this) : nullptr;
}

}  // namespace asyncio::detail

// The turn of the loop: ready nodes, timers, completions. Knows no task and no socket.
// Reference: asyncio/base_events.py, BaseEventLoop._run_once.
#pragma once

#include <algorithm>
#include <asyncio/backend/backend.hpp>
#include <asyncio/core/exceptions.hpp>
#include <asyncio/core/failure.hpp>
#include <asyncio/core/known_loops.hpp>
#include <asyncio/detail/thread_state.hpp>
#include <asyncio/detail/timer_heap.hpp>
#include <atomic>
#include <memory>

namespace asyncio::detail {

class TaskBase;

/// Runs ready nodes in turns. A turn: reap completions, queue due timers, then run exactly the
/// nodes that are queued at that moment; what they queue runs in the next turn.
class Scheduler : public KnownLoop {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using duration = std::chrono::nanoseconds;

  explicit Scheduler(std::unique_ptr<Backend> backend) noexcept : backend_(std::move(backend)) {}
  Scheduler(const Scheduler&) = delete;  // tasks, timers and operations point at it
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() { watch_steps(false); }

  /// The loop's clock: monotonic, or virtual in tests.
  [[nodiscard]] time_point time() const noexcept { return backend_->now(); }

  /// Queues `node` for the next turn, or for this one if the turn has not begun to run nodes.
  void push(ReadyNode& node) noexcept { ready_->push(node); }

  /// Queues `node` from any thread and wakes the loop, once for a burst of posts.
  void push_threadsafe(ReadyNode& node) noexcept {
    if (!runs_here()) return post(node);
    take_inbox();  // in order with push(), as in Python
    push(node);
  }

  /// Makes room for one more timer, so that start_timer() cannot fail. Throws: std::bad_alloc.
  void reserve_timer() { timers_.reserve_one(); }
  void start_timer(Timer& timer, time_point deadline) noexcept {
    settle_timers();  // in order
    timers_.insert(timer, deadline);
  }
  /// `delay` from now on. A long one is counted from the end of the turn, without a clock of its own.
  void start_timer(Timer& timer, duration delay) noexcept {
    if (delay >= shortest_rough_delay && runs_here()) return timers_.insert_fresh(timer, delay);
    start_timer(timer, deadline_after(delay));
  }
  void stop_timer(Timer& timer) noexcept { timers_.remove(timer); }
  /// The deadline of a timer that `scheduler` had, and may have outlived.
  [[nodiscard]] static time_point deadline_of(Timer& timer, Scheduler* scheduler) noexcept {
    if (timer.is_fresh) {
      if (timer.is_running())
        scheduler->settle_timers();
      else
        timer.settle(is_alive(scheduler) ? scheduler->time() : clock::now());
    }
    return timer.deadline;
  }

  /// `delay` from now, without overflow.
  [[nodiscard]] time_point deadline_after(duration delay) const noexcept {
    return Timer::deadline_after(delay, time());
  }

  /// In debug mode, a callback or a task's step that takes this long is reported.
  duration slow_callback_duration = std::chrono::milliseconds(100);

  /// The deadline of the first timer, if there is any.
  [[nodiscard]] std::optional<time_point> first_deadline() const noexcept {
    settle_timers();
    if (timers_.empty()) return std::nullopt;
    return timers_.earliest();
  }

  /// When the next turn has something to run, by the clock: now, while something is ready.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept {
    return has_ready() ? std::optional(time()) : first_deadline();
  }

  /// This thread runs the loop now.
  [[nodiscard]] bool runs_here() const noexcept {
    return running_on_.load(std::memory_order_relaxed) == &thread_state;
  }
  /// No thread runs the loop, or this one does.
  [[nodiscard]] bool may_be_used_here() const noexcept {
    const ThreadState* thread = running_on_.load(std::memory_order_relaxed);
    return thread == nullptr || thread == &thread_state;
  }
  /// Some loop of the process is in debug mode.
  [[nodiscard]] static bool are_threads_checked() noexcept {
    return debugged_loops.load(std::memory_order_relaxed) != 0;
  }
  /// Debug mode: this thread has no business with a future or task of `loop`, which may be gone.
  [[nodiscard]] __attribute__((noinline)) static bool is_misused(const Scheduler* loop) noexcept {
    return exists_and(loop, [loop] {
      return loop->watches_steps_.load(std::memory_order_relaxed) && !loop->may_be_used_here();
    });
  }
  /// Throws: RuntimeError if so.
  static void check_thread(const Scheduler* loop) {
    if (are_threads_checked()) [[unlikely]]
      throw_if_misused(loop);
  }

  [[nodiscard]] Backend& backend_interface() const noexcept { return *backend_; }
  [[nodiscard]] TaskBase* running_task() const noexcept { return running_task_; }
  void set_running_task(TaskBase* task) noexcept { running_task_ = task; }

  /// Ends run_forever() at once by this exception; the nodes not run yet run first next time.
  void interrupt(std::exception_ptr error) noexcept {
    if (!interruption_) interruption_ = std::move(error);
    ready_->take_front(*batch_);
  }

  /// Hands a failure that nobody can catch to the exception handler. Never throws.
  virtual void report(const FailureReport& failure) noexcept = 0;

  /// The same for a scheduler that may have ended before what concerns it: then to stderr.
  static void report_to(Scheduler* scheduler, const FailureReport& failure) noexcept {
    if (is_alive(scheduler)) return scheduler->report(failure);
    print_failure(failure);
  }
  /// For what may outlive its loop: it still exists, and this thread may use it.
  [[nodiscard]] static bool is_alive(const Scheduler* scheduler) noexcept {
    return scheduler == thread_state.scheduler ||
           exists_and(scheduler, [scheduler] { return scheduler->may_be_used_here(); });
  }

  /// Safe in a signal handler and on any thread: makes the loop call attend() soon.
  void request_attention() noexcept {
    if (!attention_.is_requested.exchange(true)) post(attention_);
  }

 protected:
  /// Looks at what a signal handler left behind.
  virtual void attend() noexcept {}

  /// One turn; waits at most `limit` for something to happen when nothing is ready.
  void run_turn(duration limit) {
    poll(limit);
    take_inbox();
    queue_due_timers();
    run_ready();
    settle_timers();  // so that between turns every timer has its deadline
  }
  /// Queues what other threads posted, in front of what is pushed from now on.
  void take_inbox() noexcept {
    if (inbox_.load(std::memory_order_relaxed)) [[unlikely]]
      empty_inbox();
  }

  [[nodiscard]] bool has_ready() const noexcept { return !ready_->empty(); }
  [[nodiscard]] bool backend_has_work() const noexcept {
    return backend_->has_requests() || backend_->wants_poll();
  }
  /// Empties the queue, the inbox and the timers without running anything.
  void discard_all() noexcept {
    while (Timer* timer = timers_.pop_due(time_point::max())) timer->run(*timer, Turn::discard);
    for (take_inbox(); ReadyNode* node = ready_->pop(); take_inbox())
      node->run(*node, Turn::discard);
  }

  static constexpr const char* not_thread_safe =
      "Non-thread-safe operation invoked on an event loop other than the current one";

  void watch_steps(bool enabled) noexcept {
    if (watches_steps_.exchange(enabled, std::memory_order_relaxed) == enabled) return;
    debugged_loops.fetch_add(enabled ? 1 : -1, std::memory_order_relaxed);
  }

  void set_running_here(bool running) noexcept {
    if (running) take_inbox();
    running_on_.store(running ? &thread_state : nullptr, std::memory_order_relaxed);
    thread_state.scheduler = running ? this : nullptr;
  }

  /// Makes this thread the loop's. Needs: no thread runs the loop.
  /// Throws: RuntimeError if the thread before it still has something of the loop's in the kernel.
  void move_here() {
    if (!backend_->attach_thread())
      throw RuntimeError(
          "asyncio: this event loop has operations in the kernel that belong to another thread: "
          "run and close it there");
  }
  /// Lets any thread take the loop over.
  void detach_thread() noexcept { backend_->detach_thread(); }
  [[nodiscard]] bool was_made_here() const noexcept { return maker_ == thread_number(); }

  /// Throws the exception that interrupted the loop, if one did.
  void throw_interruption() {
    if (interruption_) [[unlikely]]
      std::rethrow_exception(std::exchange(interruption_, nullptr));
  }

 private:
  // A busy loop asks the backend for completions after so many nodes, and the kernel every so many
  // times, so that input and output do not starve; requests of its own are passed on in every turn.
  // Where nodes take so long that a look comes later than that, it polls in every turn.
  static constexpr unsigned nodes_between_looks = 16;
  static constexpr unsigned looks_between_polls = 4;
  static constexpr duration longest_between_looks = std::chrono::milliseconds(1);
  // Shorter delays count from the call, longer ones from the end of the turn.
  static constexpr duration shortest_rough_delay = std::chrono::seconds(1);
  // A wait for a timer may last longer by so much for each timer: many then run in one turn.
  static constexpr duration slack_per_timer = std::chrono::microseconds(1);
  // Longer waits are cut, so that no arithmetic on deadlines can overflow in the kernel.
  static constexpr duration longest_wait = std::chrono::hours(24);

  __attribute__((noinline)) static void throw_if_misused(const Scheduler* loop) {
    if (is_misused(loop)) throw RuntimeError(not_thread_safe);
  }
  static inline constinit std::atomic<int> debugged_loops{0};  // of the process

  /// Its node goes through the inbox, once until it has run.
  struct Attention : ReadyNode {
    explicit Attention(Scheduler& owner) noexcept : ReadyNode(&attend), scheduler(owner) {}
    static void attend(ReadyNode& node, Turn turn) noexcept {
      auto& self = static_cast<Attention&>(node);
      self.is_requested.store(false);
      if (turn == Turn::run) self.scheduler.attend();
    }
    Scheduler& scheduler;
    std::atomic<bool> is_requested{false};
  };

  /// Lock-free, so that a signal handler may interrupt it and do the same.
  void post(ReadyNode& node) noexcept {
    ReadyNode* head = inbox_.load(std::memory_order_relaxed);
    do {
      node.next_ready = head;
    } while (!inbox_.compare_exchange_weak(head, &node, std::memory_order_acq_rel));
    if (head == nullptr) backend_->wake();
  }

  void poll(duration limit) noexcept {
    if (!ready_->empty()) {
      if (!must_poll()) [[likely]]
        return;
      limit = duration::zero();
    } else if (limit > duration::zero()) {
      limit = std::min(std::min(limit, longest_wait), until_first_deadline());
    }
    looks_since_poll_ = 0;
    backend_->poll(limit);
  }

  [[nodiscard]] bool must_poll() noexcept {
    if (backend_->has_requests()) return true;
    if (nodes_since_look_ < nodes_between_looks) [[likely]]
      return false;
    return look();
  }
  __attribute__((noinline)) bool look() noexcept {
    const time_point now = backend_->coarse_now();
    if (now - std::exchange(last_look_, now) >= longest_between_looks)
      slow_looks_ = nodes_between_looks;
    else if (slow_looks_ != 0)
      --slow_looks_;
    nodes_since_look_ = slow_looks_ != 0 ? nodes_between_looks - 1 : 0;
    return slow_looks_ != 0 || ++looks_since_poll_ >= looks_between_polls || backend_->wants_poll();
  }

  [[nodiscard]] duration until_first_deadline() const noexcept {
    if (timers_.empty()) return Backend::forever;
    const time_point now = time();
    if (timers_.earliest() <= now) return duration::zero();  // also of a deadline before all time
    return timers_.earliest() - now + slack();
  }
  [[nodiscard]] duration slack() const noexcept {
    const duration longest = backend_->longest_slack();
    const auto timers = static_cast<duration::rep>(timers_.size());
    return timers < longest / slack_per_timer ? timers * slack_per_timer : longest;
  }

  void settle_timers() const noexcept {
    if (timers_.has_fresh()) timers_.settle(time());
  }

  void queue_due_timers() noexcept {
    if (!timers_.empty()) queue_timers_due_now();
  }
  __attribute__((noinline)) void queue_timers_due_now() noexcept {
    const time_point now = time();
    while (Timer* timer = timers_.pop_due(now)) ready_->push(*timer);
  }

  void run_ready() {
    std::swap(ready_, batch_);
    if (watches_steps_.load(std::memory_order_relaxed)) [[unlikely]]
      return run_ready_watched();
    while (ReadyNode* const node = batch_->pop()) {
      ++nodes_since_look_;
      node->run(*node, Turn::run);
    }
  }
  __attribute__((noinline)) void run_ready_watched() noexcept {
    while (ReadyNode* const node = batch_->pop()) {
      ++nodes_since_look_;
      run_watched(*node);
    }
  }

  /// Debug mode: reports a callback or a task's step that keeps all others waiting.
  void run_watched(ReadyNode& node) noexcept {
    const time_point start = time();
    node.run(node, Turn::run);
    const duration taken = time() - start;
    if (taken < slow_callback_duration) return;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(taken).count();
    const std::string message =
        "Executing a callback or a task's step took " + std::to_string(milliseconds) + " ms";
    report({.message = message,
            .exception = nullptr,
            .future = nullptr,
            .handle = nullptr,
            .where = {}});
  }

  __attribute__((noinline)) void empty_inbox() noexcept {
    ReadyNode* node = inbox_.exchange(nullptr, std::memory_order_acquire);
    ReadyNode* oldest = nullptr;  // the inbox is a stack: turn it round
    while (node) {
      ReadyNode* const next = node->next_ready;
      node->next_ready = oldest;
      oldest = node;
      node = next;
    }
    while (oldest) {
      ReadyNode* const next = oldest->next_ready;
      if (oldest == &attention_)
        ready_->push_front(*oldest);  // a signal comes between two callbacks, as in Python
      else
        ready_->push(*oldest);
      oldest = next;
    }
  }

  ReadyQueue queues_[2];
  ReadyQueue* ready_ = &queues_[0];         // for the next turn
  ReadyQueue* batch_ = &queues_[1];         // of the turn that is running; empty between turns
  TaskBase* running_task_ = nullptr;        // whose step executes now; null in a plain callback
  std::atomic<bool> watches_steps_{false};  // debug mode
  unsigned nodes_since_look_ = 0;
  unsigned looks_since_poll_ = 0;
  time_point last_look_{};
  unsigned slow_looks_ = 0;   // so many looks without a late one until nodes count as short again
  mutable TimerHeap timers_;  // gives deadlines when somebody asks
  std::unique_ptr<Backend> backend_;
  const unsigned long long maker_ = thread_number();
  Attention attention_{*this};
  std::exception_ptr interruption_;         // SystemExit or KeyboardInterrupt on its way out
  std::atomic<ReadyNode*> inbox_{nullptr};  // newest first
  std::atomic<const ThreadState*> running_on_{nullptr};  // the thread inside run_forever()
};

}  // namespace asyncio::detail

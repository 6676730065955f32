// One thing goes wrong, at a place that a number names: a loop over the number proves a clean-up.
// Reference: Seastar's with_allocation_failures; trio's and tokio's cancellation tests.
#pragma once

#include <asyncio/core/any_task.hpp>
#include <asyncio/detail/frame_pool.hpp>
#include <cstdint>
#include <string_view>

namespace asyncio::testing {

/// What fails in a run, given to it by Options::faults. Made by one of the three functions; each
/// counts its places from 0. Lifetime: borrowed by the run.
class FaultPlan : private detail::AllocationObserver {
 public:
  /// The k-th allocation of a frame, task, handle or callback throws std::bad_alloc. Nothing is
  /// recycled in such a run.
  [[nodiscard]] static FaultPlan allocation(std::size_t k = 0) noexcept {
    return FaultPlan(Kind::allocation, k, {}, 0);
  }
  /// The k-th operation of a kind ("recv", "send", "accept", …; empty: any) fails by `error`, an
  /// errno, without reaching the kernel.
  [[nodiscard]] static FaultPlan operation(std::string_view kind, int error,
                                           std::size_t k = 0) noexcept {
    return FaultPlan(Kind::operation, k, kind, error);
  }
  /// The main task is cancelled at its k-th suspension: in the turn after it suspended, which may
  /// be one in which it has been woken already.
  [[nodiscard]] static FaultPlan cancellation(std::size_t k = 0) noexcept {
    return FaultPlan(Kind::cancellation, k, {}, 0);
  }

  FaultPlan(const FaultPlan&) = delete;  // the run's thread and backend point at it
  FaultPlan& operator=(const FaultPlan&) = delete;

  /// Starts again, for the place `k`.
  void restart(std::size_t k) noexcept {
    place_ = k;
    seen_ = 0;
    leaked_ = 0;
  }
  /// The fault has happened. If a run ends without it, the run has no such place.
  [[nodiscard]] bool fired() const noexcept { return seen_ > place_; }
  [[nodiscard]] std::size_t place() const noexcept { return place_; }
  /// How many places the run has passed.
  [[nodiscard]] std::size_t seen() const noexcept { return seen_; }
  /// Frames, tasks, handles and operations in flight that were left when the loop was gone.
  [[nodiscard]] std::int64_t leaked() const noexcept { return leaked_; }

  /// While it lives, the thread's allocations are counted, and one fails if that is the plan.
  class Scope {
   public:
    explicit Scope(FaultPlan* plan) noexcept : plan_(plan) {
      if (!plan_) return;
      detail::FramePool::trim();
      plan_->blocks_alive = 0;
      detail::thread_state.allocation_observer = plan_;
    }
    Scope(const Scope&) = delete;  // installed once
    Scope& operator=(const Scope&) = delete;
    ~Scope() {
      if (!plan_) return;
      detail::thread_state.allocation_observer = nullptr;
      plan_->leaked_ += plan_->blocks_alive;
    }

   private:
    FaultPlan* plan_;
  };

 private:
  friend class FaultBackend;
  enum class Kind : unsigned char { allocation, operation, cancellation };

  FaultPlan(Kind kind, std::size_t place, std::string_view operation, int error) noexcept
      : AllocationObserver{&before, 0},
        kind_(kind),
        error_(error),
        operation_(operation),
        place_(place) {}

  static void before(AllocationObserver& self) {
    auto& plan = static_cast<FaultPlan&>(self);
    if (plan.kind_ == Kind::allocation && plan.is_the_place()) throw std::bad_alloc();
  }
  [[nodiscard]] bool fails(const detail::Operation& operation) noexcept {
    if (kind_ != Kind::operation) return false;
    return (operation_.empty() || operation_ == operation.type->name) && is_the_place();
  }
  [[nodiscard]] bool is_the_place() noexcept { return seen_++ == place_; }

  Kind kind_;
  int error_;
  std::string_view operation_;
  std::size_t place_;
  std::size_t seen_ = 0;
  std::int64_t leaked_ = 0;
};

/// Carries a plan out: decorates the backend of the run.
class FaultBackend final : public detail::Backend {
 public:
  FaultBackend(std::unique_ptr<Backend> inner, FaultPlan& plan) noexcept
      : inner_(std::move(inner)), plan_(plan) {}
  ~FaultBackend() override { plan_.leaked_ += static_cast<std::int64_t>(in_flight()); }

  /// Whose first task is the one to cancel.
  void watch(EventLoop& loop) noexcept { loop_ = &loop; }

  [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
  [[nodiscard]] TimePoint now() noexcept override { return inner_->now(); }

  bool attempt(detail::Operation& operation) noexcept override {
    if (!plan_.fails(operation)) {
      const bool is_done = inner_->attempt(operation);
      counted_ = is_done ? nullptr : &operation;
      return is_done;
    }
    settle(operation);
    return true;
  }
  void submit(detail::Operation& operation) noexcept override {
    const bool was_counted = std::exchange(counted_, nullptr) == &operation;
    if (was_counted || !plan_.fails(operation)) return inner_->submit(operation);
    settle(operation);
    failed_.push_back(operation);
  }
  void cancel(detail::Operation& operation) noexcept override {
    if (operation.state == detail::OperationState::in_flight) inner_->cancel(operation);
  }
  void cancel_sync(detail::Operation& operation) noexcept override {
    for (detail::Operation* failed = failed_.first(); failed; failed = failed_.next(*failed))
      if (failed == &operation) return operation.unlink();
    inner_->cancel_sync(operation);
  }
  void close(int fd) noexcept override { inner_->close(fd); }

  /// A plan to cancel looks at the main task in every turn.
  [[nodiscard]] bool wants_poll() const noexcept override {
    return cancels() || !failed_.empty() || inner_->wants_poll();
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override {
    return inner_->in_flight() + failed_.size();
  }
  void poll(Duration timeout) noexcept override {
    const bool has_cancelled = cancels() && look_at_main_task();
    inner_->poll(has_cancelled || !failed_.empty() ? Duration::zero() : timeout);
    detail::List<detail::Operation> due;
    while (detail::Operation* operation = failed_.pop_front()) due.push_back(*operation);
    while (detail::Operation* operation = due.pop_front()) operation->on_complete(*operation);
    will_step_ = main_task_ && is(detail::TaskBase::Progress::queued);
  }
  void wake() noexcept override { inner_->wake(); }
  void expect_wake(int change) noexcept override { inner_->expect_wake(change); }
  [[nodiscard]] int fd() const noexcept override { return inner_->fd(); }

 private:
  [[nodiscard]] bool cancels() const noexcept {
    return plan_.kind_ == FaultPlan::Kind::cancellation && !plan_.fired();
  }
  [[nodiscard]] bool is(detail::TaskBase::Progress progress) const noexcept {
    return main_task_.shared_state()->as_task()->progress() == progress;
  }
  void settle(detail::Operation& operation) noexcept {
    operation.result = -plan_.error_;
    operation.state = detail::OperationState::done;
  }

  /// A task that was queued before the last turn has suspended in it, or ended. Returns: it was
  /// cancelled now.
  bool look_at_main_task() noexcept {
    if (!main_task_) main_task_ = first_task();
    if (!main_task_ || !will_step_ || main_task_.done() || !plan_.is_the_place()) return false;
    main_task_.cancel();
    main_task_ = {};
    return true;
  }
  [[nodiscard]] AnyTask first_task() const {
    const std::vector<AnyTask> tasks = loop_->all_tasks();
    return tasks.empty() ? AnyTask() : tasks.front();
  }

  std::unique_ptr<Backend> inner_;
  FaultPlan& plan_;
  EventLoop* loop_ = nullptr;
  AnyTask main_task_;                          ///< of a plan to cancel
  bool will_step_ = false;                     ///< the main task runs in the turn under way
  detail::Operation* counted_ = nullptr;       ///< attempted last, in vain
  detail::List<detail::Operation> failed_;     ///< by the plan, to be delivered
};

}  // namespace asyncio::testing

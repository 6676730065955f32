// Carries a FaultPlan out: a decorator of the backend of a run.
// Reference: docs/testing.md.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/testing/fault_plan.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace asyncio::testing {

/// Carries a plan out: decorates the backend of the run.
class FaultBackend final : public detail::Backend {
 public:
  FaultBackend(std::unique_ptr<Backend> inner, FaultPlan& plan) noexcept
      : inner_(std::move(inner)), plan_(plan) {
    note_requests();
  }
  ~FaultBackend() override { plan_.operations_left_ += static_cast<std::int64_t>(in_flight()); }

  /// Whose first task is the one to cancel.
  void watch(EventLoop& loop) noexcept { loop_ = &loop; }

  [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
  [[nodiscard]] TimePoint now() noexcept override { return inner_->now(); }
  [[nodiscard]] TimePoint coarse_now() noexcept override { return inner_->coarse_now(); }
  [[nodiscard]] Duration longest_slack() const noexcept override { return inner_->longest_slack(); }

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
    if (was_counted || !plan_.fails(operation)) {
      inner_->submit(operation);
    } else {
      settle(operation);
      failed_.push_back(operation);
    }
    note_requests();
  }
  void cancel(detail::Operation& operation) noexcept override {
    if (operation.state == detail::OperationState::in_flight) inner_->cancel(operation);
    note_requests();
  }
  void cancel_sync(detail::Operation& operation) noexcept override {
    for (detail::Operation* failed = failed_.first(); failed; failed = failed_.next(*failed))
      if (failed == &operation) return operation.unlink();
    inner_->cancel_sync(operation);
  }
  void close(int fd) noexcept override {
    inner_->close(fd);
    note_requests();
  }

  [[nodiscard]] bool wants_poll() const noexcept override {
    return has_requests() || inner_->wants_poll();
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
    note_requests();
  }
  [[nodiscard]] std::optional<TimePoint> next_attempt() const noexcept override {
    return inner_->next_attempt();
  }
  void wake() noexcept override { inner_->wake(); }
  void expect_wake(int change) noexcept override { inner_->expect_wake(change); }
  void detach_thread() noexcept override { inner_->detach_thread(); }
  [[nodiscard]] bool attach_thread() override { return inner_->attach_thread(); }
  [[nodiscard]] int fd() const noexcept override { return inner_->fd(); }

 private:
  /// The loop asks for a poll() in the next turn. A plan to cancel looks at every turn.
  void note_requests() noexcept {
    has_requests_ = cancels() || !failed_.empty() || inner_->has_requests();
  }
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
    find_main_task();
    if (!main_task_) return false;
    const bool is_done = main_task_.done();
    const bool is_the_place = !is_done && will_step_ && plan_.is_the_place();
    if (is_the_place) main_task_.cancel();
    if (is_done || is_the_place) main_task_ = {};
    return is_the_place;
  }
  void find_main_task() {
    if (has_found_main_task_ || !loop_) return;
    const std::vector<AnyTask> tasks = loop_->all_tasks();
    has_found_main_task_ = !tasks.empty();
    if (has_found_main_task_) main_task_ = tasks.front();
  }

  std::unique_ptr<Backend> inner_;
  FaultPlan& plan_;
  EventLoop* loop_ = nullptr;
  AnyTask main_task_;  ///< of a plan to cancel, until it is done or cancelled
  bool has_found_main_task_ = false;
  bool will_step_ = false;                  ///< the main task runs in the turn under way
  detail::Operation* counted_ = nullptr;    ///< attempted last, in vain
  detail::List<detail::Operation> failed_;  ///< by the plan, to be delivered
};

}  // namespace asyncio::testing

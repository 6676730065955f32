// What runs blocking functions on other threads, and one such call.
// Reference: https://docs.python.org/3/library/concurrent.futures.html#executor-objects
#pragma once

#include <asyncio/core/loop_gate.hpp>
#include <utility>

namespace asyncio {
namespace detail {

/// A function on its way to a thread, and its outcome on the way back.
class Job : public FutureDelivery {
 public:
  /// The executor's thread. Nothing if the job was withdrawn.
  void run() noexcept {
    if (!leave_waiting(State::running)) return;
    invoke();
    port_->deliver(Ref<Delivery>(this));
  }
  /// The executor's: it will not run it.
  void refuse() noexcept {
    if (!leave_waiting(State::refused)) return;
    forget();
    port_->deliver(Ref<Delivery>(this));
  }

  /// The loop's: takes the job back unless it has started. Returns: it has not, and never will.
  bool withdraw() noexcept {
    if (!leave_waiting(State::withdrawn)) return false;
    forget();
    gate_.remove(*this);
    return true;
  }

 protected:
  explicit Job(LoopGate& gate) noexcept : gate_(gate), port_(gate.port()) {}

  /// Calls the function, keeps the outcome and destroys the function.
  virtual void invoke() noexcept = 0;
  /// Destroys the function.
  virtual void forget() noexcept = 0;

  [[nodiscard]] bool was_refused() const noexcept { return state_.load() == State::refused; }
  [[nodiscard]] LoopGate& gate() const noexcept { return gate_; }

 private:
  enum class State : unsigned char { waiting, running, refused, withdrawn };

  bool leave_waiting(State next) noexcept {
    State expected = State::waiting;
    return state_.compare_exchange_strong(expected, next);
  }

  LoopGate& gate_;  // of the loop's thread
  std::shared_ptr<LoopPort> port_;
  std::atomic<State> state_{State::waiting};
};

}  // namespace detail

/// A call for an executor: made once, on any thread, or dropped, which cancels whoever waits for it.
class Work {
 public:
  Work() noexcept = default;
  explicit Work(detail::Ref<detail::Job> job) noexcept : job_(std::move(job)) {}
  Work(Work&&) noexcept = default;
  Work& operator=(Work&& other) noexcept {
    Work old(std::move(*this));
    job_ = std::move(other.job_);
    return *this;
  }
  ~Work() {
    if (job_) job_->refuse();
  }

  /// Is still to be called.
  explicit operator bool() const noexcept { return static_cast<bool>(job_); }
  /// Calls the function. What it throws goes to whoever waits for it.
  void operator()() noexcept { std::exchange(job_, {})->run(); }

 private:
  detail::Ref<detail::Job> job_;
};

/// Runs functions somewhere else, for run_in_executor(). Derive from it to bring your own threads.
class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;  // work under way refers to it
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Has `work` called soon, once, and not by this call unless that cannot block.
  /// Throws: RuntimeError when no more work is taken. Threads: any.
  virtual void submit(Work work) = 0;
};

}  // namespace asyncio

// A function with its arguments, called on an executor's thread, and the future of its result.
// Reference: concurrent/futures/thread.py, _WorkItem.
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/executor.hpp>
#include <stop_token>
#include <tuple>

namespace asyncio {

/// A function that another thread may call with its own copies of the arguments: by value, moved.
/// It may ask for a std::stop_token in front of them.
template <class F, class... Args>
concept ThreadFunction = std::invocable<std::decay_t<F>, std::decay_t<Args>...> ||
                         std::invocable<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>;

namespace detail {

/// Owns a function and its arguments. Not an aggregate, so that it may stand in a co_await
/// expression (docs/gcc12.md).
template <class F, class... Args>
class BoundCall {
 public:
  static constexpr bool takes_stop_token = std::invocable<F, std::stop_token, Args...>;

  template <class G, class... As>
  explicit BoundCall(std::in_place_t, G&& function, As&&... args)
      : function_(std::forward<G>(function)), args_(std::forward<As>(args)...) {}

  decltype(auto) operator()([[maybe_unused]] const std::stop_source& stop) {
    if constexpr (takes_stop_token)
      return std::apply(std::move(function_),
                        std::tuple_cat(std::tuple(stop.get_token()), std::move(args_)));
    else
      return std::apply(std::move(function_), std::move(args_));
  }
  using Returned =
      typename std::conditional_t<takes_stop_token, std::invoke_result<F, std::stop_token, Args...>,
                                  std::invoke_result<F, Args...>>::type;
  /// A reference to something that lives on is passed on; a value moves.
  using Result = std::conditional_t<std::is_lvalue_reference_v<Returned>, Returned,
                                    std::remove_cvref_t<Returned>>;
  static_assert(!is_task<Result>,
                "asyncio: coroutines cannot be used with to_thread() or run_in_executor(): a "
                "coroutine runs on its loop; await it, or pass a plain function");

 private:
  F function_;
  std::tuple<Args...> args_;
};

template <class F, class... Args>
[[nodiscard]] auto bind_call(F&& function, Args&&... args) {
  return BoundCall<std::decay_t<F>, std::decay_t<Args>...>(std::in_place, std::forward<F>(function),
                                                           std::forward<Args>(args)...);
}

/// The job of one BoundCall. Its future is of the loop's thread, the call and the outcome are
/// handed over and back by submitting and delivering the job.
template <class Call>
class CallJob final : public Job {
 public:
  using Result = typename Call::Result;

  CallJob(LoopGate& gate, Call call, Context context)
      : Job(gate), call_(std::move(call)), context_(std::move(context)) {}

  /// Makes the future; from now on the loop waits for the job.
  [[nodiscard]] Ref<FutureBase> expect(std::source_location where) {
    future_ = Ref(new DeliveredFuture<Result>(gate().loop(), Ref<FutureDelivery>(this), where));
    gate().add(*this, Expect::surely);
    return Ref<FutureBase>(future_.get());
  }

  void request_stop() noexcept override {
    if constexpr (Call::takes_stop_token) stop_.request_stop();
  }

  /// The loop's: withdraws the job, and lets go of the future, unless it has started: the executor
  /// may keep the job for long, and drop it on any thread. Returns: it has not, and never will.
  [[nodiscard]] bool take_back() noexcept {
    if (!withdraw()) return false;
    future_ = {};
    return true;
  }

 private:
  void invoke() noexcept override {
    {
      ContextScope scope(context_);
      try {
        store();
      } catch (...) {
        outcome_.set_error(std::current_exception());
      }
    }
    forget();
  }
  void store() {
    if constexpr (std::is_void_v<Result>) {
      (*call_)(stop_);
      outcome_.set_value();
    } else if constexpr (std::is_reference_v<Result>) {
      outcome_.set_value(Reference<std::remove_reference_t<Result>>{&(*call_)(stop_)});
    } else {
      outcome_.set_value((*call_)(stop_));
    }
  }
  void forget() noexcept override {
    call_.reset();
    context_ = Context();
  }

  void arrived() noexcept override {
    const auto future = std::exchange(future_, {});
    Outcome<Result> outcome = std::move(outcome_);  // for the thread may be the last to let go
    gate().remove(*this);
    if (!future) return;  // it was cancelled
    if (was_refused())
      future->settle_withdrawn(nullptr);
    else
      future->settle(outcome);
  }
  void orphaned() noexcept override { abandon(); }
  void abandon() noexcept override {
    if (!take_back()) request_stop();
    future_ = {};
  }

  struct NoStop {
    operator std::stop_source() const noexcept { return std::stop_source(std::nostopstate); }
  };
  std::optional<Call> call_;  // until it was called
  Context context_;
  std::conditional_t<Call::takes_stop_token, std::stop_source, NoStop> stop_;
  Outcome<Result> outcome_;              // of the executor's thread, then of the loop's
  Ref<DeliveredFuture<Result>> future_;  // of the loop's thread; null once nobody waits for it
};

/// Makes the job of `call` and gives it to `executor`.
template <class Call>
struct StartedCall {
  StartedCall(EventLoop& loop, Executor& executor, Call call, Context context,
              std::source_location where)
      : job(new CallJob<Call>(loop.service<LoopGate>(), std::move(call), std::move(context))),
        future(job->expect(where)) {
    executor.submit(Work(Ref<Job>(job.get())));
  }
  Ref<CallJob<Call>> job;
  Ref<FutureBase> future;
};

}  // namespace detail
}  // namespace asyncio

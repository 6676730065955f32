// A loop's default executor, and the loop's functions that use it.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools
#pragma once

#include <asyncio/tasks/thread_call.hpp>
#include <asyncio/tasks/thread_pool_executor.hpp>
#include <asyncio/tasks/wait_for.hpp>

namespace asyncio {
namespace detail {

/// Made at the first use; shut down by run(), while the loop still runs.
template <class OnDemand>
class DefaultExecutorOf final : public LoopService {
 public:
  explicit DefaultExecutorOf(EventLoop& loop) noexcept
      : LoopService(ShutdownPhase::threads), loop_(loop) {}
  /// A loop that is closed without run() does not wait for its threads.
  ~DefaultExecutorOf() override {
    if (pool_) pool_->shutdown({.wait = false});
  }

  /// Throws: RuntimeError once it was shut down.
  [[nodiscard]] ThreadPoolExecutor& get() {
    if (is_shut_down_) throw RuntimeError("Executor shutdown has been called");
    if (!pool_) pool_ = std::make_shared<ThreadPoolExecutor>();
    return *pool_;
  }
  void set(std::shared_ptr<ThreadPoolExecutor> pool) noexcept { pool_ = std::move(pool); }

  Task<> shutdown() override {
    constexpr auto longest_join = std::chrono::minutes(5);  // as Python
    return shut_down(longest_join);
  }

  Task<> shut_down(std::optional<Scheduler::duration> timeout) {
    is_shut_down_ = true;
    if (!pool_) co_return;
    const std::shared_ptr<ThreadPoolExecutor> pool = pool_;
    request_stops();
    const bool has_ended = co_await wait_for_end(*pool, timeout);
    pool->shutdown({.wait = has_ended});
    if (!has_ended) report_timeout(*timeout);
  }

 private:
  void request_stops() {
    loop_.service<LoopGate>().for_each([](Delivery& delivery) { delivery.request_stop(); });
  }

  /// The pool calls the last piece of work when all others are done.
  Task<bool> wait_for_end(ThreadPoolExecutor& pool, std::optional<Scheduler::duration> timeout) {
    auto nothing = bind_call([] {});
    using Last = CallJob<decltype(nothing)>;
    const Ref<Last> last(new Last(loop_.service<LoopGate>(), std::move(nothing), Context()));
    Future<> ended(last->expect(std::source_location::current()));
    pool.begin_shutdown(Work(Ref<Job>(last.get())));
    try {
      co_await detail::wait_for<Future<>, void>(ended, timeout);
      co_return true;
    } catch (const TimeoutError&) {
    }
    co_return false;
  }

  void report_timeout(Scheduler::duration timeout) {
    const auto seconds = std::chrono::duration<double>(timeout).count();
    const std::string message = "The executor did not finish joining its threads within " +
                                std::to_string(seconds) + " seconds.";
    loop_.call_exception_handler({.message = message,
                                  .exception = nullptr,
                                  .task = {},
                                  .future = {},
                                  .handle = {},
                                  .where = {}});
  }

  EventLoop& loop_;
  std::shared_ptr<ThreadPoolExecutor> pool_;  // null until it is needed
  bool is_shut_down_ = false;
};
using DefaultExecutor = DefaultExecutorOf<void>;

}  // namespace detail

template <class F, class... Args>
auto EventLoop::run_in_executor(Executor* executor, F&& function, Args&&... args) {
  static_assert(ThreadFunction<F, Args...>,
                "asyncio: run_in_executor() needs a function that can be called with copies of the "
                "arguments, perhaps with a std::stop_token in front");
  check_usable();
  auto call = detail::bind_call(std::forward<F>(function), std::forward<Args>(args)...);
  using Call = decltype(call);
  Executor& chosen = executor ? *executor : service<detail::DefaultExecutor>().get();
  detail::StartedCall<Call> started(*this, chosen, std::move(call), Context(),
                                    std::source_location::current());
  return Future<typename Call::Result>(std::move(started.future));
}

template <class OnDemand>
void EventLoop::set_default_executor(std::shared_ptr<ThreadPoolExecutor> executor) {
  if (!executor) throw std::invalid_argument("executor must be a ThreadPoolExecutor");
  service<detail::DefaultExecutorOf<OnDemand>>().set(std::move(executor));
}

template <class OnDemand>
Task<> EventLoop::shutdown_default_executor(std::optional<LoopDuration> timeout) {
  return service<detail::DefaultExecutorOf<OnDemand>>().shut_down(timeout);
}

/// EventLoop::run_in_executor() of the running loop.
template <class F, class... Args>
auto run_in_executor(Executor* executor, F&& function, Args&&... args) {
  return get_running_loop().run_in_executor(executor, std::forward<F>(function),
                                            std::forward<Args>(args)...);
}

}  // namespace asyncio

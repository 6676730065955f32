#include <asyncio/tasks/executor.hpp>
//
#include <asyncio/tasks/default_executor.hpp>

#include <tasks/steps.hpp>

#include <thread>

namespace executor_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// Calls at once, in the thread that submits.
struct InlineExecutor final : Executor {
  void submit(Work work) override { work(); }
};

/// Keeps what it gets.
struct KeepingExecutor final : Executor {
  void submit(Work work) override { kept.push_back(std::move(work)); }
  std::vector<Work> kept;
};

struct RefusingExecutor final : Executor {
  void submit(Work) override { throw RuntimeError("closed"); }
};

/// A thread for each piece of work.
struct ThreadEach final : Executor {
  void submit(Work work) override {
    threads.emplace_back([work = std::move(work)]() mutable { work(); });
  }
  std::vector<std::jthread> threads;
};

ASYNC_TEST("executor: one's own, with a thread for each call", "[EXE-01]") {
  ThreadEach executor;
  auto first = run_in_executor(&executor, [] { return std::this_thread::get_id(); });
  auto second = run_in_executor(&executor, [] { return std::this_thread::get_id(); });
  const auto a = co_await first;
  const auto b = co_await second;
  CHECK(a != std::this_thread::get_id());
  CHECK(executor.threads.size() == 2);
  static_cast<void>(b);
}

ASYNC_TEST("executor: one that calls at once", "[EXE-01]") {
  InlineExecutor executor;
  int calls = 0;
  auto future = run_in_executor(&executor, [&calls] { return ++calls; });
  CHECK(calls == 1);
  CHECK_FALSE(future.done());
  const int result = co_await future;
  CHECK(result == 1);
}

ASYNC_TEST("executor: work that is dropped cancels who waits for it", "[EXE-02]") {
  KeepingExecutor executor;
  auto future = run_in_executor(&executor, [] {});
  CHECK(executor.kept.size() == 1);
  CHECK(executor.kept.front());
  executor.kept.clear();
  const std::string how = co_await ending(future);
  CHECK(how == "CancelledError");
  CHECK(future.cancelled());
}

ASYNC_TEST("executor: what submit throws comes out of run_in_executor", "[EXE-01]") {
  RefusingExecutor executor;
  CHECK_THROWS_AS(run_in_executor(&executor, [] {}), RuntimeError);
  co_await turns(2);
}

ASYNC_TEST("executor: work that was withdrawn may be called or dropped without effect",
           "[EXE-02]") {
  KeepingExecutor executor;
  int calls = 0;
  auto called = run_in_executor(&executor, [&calls] { ++calls; });
  auto dropped = run_in_executor(&executor, [&calls] { ++calls; });
  called.cancel();
  dropped.cancel();
  executor.kept.front()();
  CHECK_FALSE(executor.kept.front());
  executor.kept.clear();
  co_await turns(2);
  CHECK(calls == 0);
  CHECK(called.cancelled());
}

TEST_CASE("executor: work that outlives its loop has no effect on it", "[EXE-02]") {
  KeepingExecutor executor;
  int calls = 0;
  {
    EventLoop loop;
    loop.run_in_executor(&executor, [&calls] { ++calls; });
    loop.run_in_executor(&executor, [&calls] { ++calls; });
  }
  executor.kept.front()();
  executor.kept.clear();
  CHECK(calls == 0);  // withdrawn when the loop closed
}

ASYNC_TEST("work: may be moved while it waits", "[EXE-01]") {
  KeepingExecutor executor;
  auto future = run_in_executor(&executor, [] { return 3; });
  Work other;
  CHECK_FALSE(other);
  other = std::move(executor.kept.front());
  other();
  const int result = co_await future;
  CHECK(result == 3);
}

}  // namespace

}  // namespace executor_test

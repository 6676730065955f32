#include <asyncio/tasks/run_coroutine_threadsafe.hpp>
//
#include <asyncio/tasks/to_thread.hpp>

#include <support/gate.hpp>
#include <tasks/loop_thread.hpp>
#include <tasks/steps.hpp>

#include <atomic>

namespace run_coroutine_threadsafe_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// How a concurrent future ended, as text.
template <class T>
std::string outcome_of(const ConcurrentFuture<T>& future) {
  try {
    static_cast<void>(future.get());
    return "a result";
  } catch (...) {
    return describe(std::current_exception());
  }
}

TEST_CASE("run_coroutine_threadsafe: runs a Task on the loop's thread", "[THR-03]") {
  LoopThread other;
  auto where = []() -> Task<std::thread::id> { co_return std::this_thread::get_id(); };
  const auto there = run_coroutine_threadsafe(where(), other.loop()).get();
  CHECK(there != std::this_thread::get_id());
}

TEST_CASE("run_coroutine_threadsafe: takes a callable and keeps it", "[THR-03]") {
  LoopThread other;
  const std::string result = run_coroutine_threadsafe(
                                 [text = std::string(100, 'x')]() -> Task<std::string> {
                                   co_await turns(2);
                                   co_return text;
                                 },
                                 other.loop())
                                 .get();
  CHECK(result == std::string(100, 'x'));
}

TEST_CASE("run_coroutine_threadsafe: copies the exception", "[THR-04]") {
  LoopThread other;
  CHECK(outcome_of(run_coroutine_threadsafe(fails("there", 1), other.loop())) ==
        "invalid_argument(there)");
}

TEST_CASE("run_coroutine_threadsafe: a task that is cancelled there cancels the future",
          "[THR-04]") {
  LoopThread other;
  auto work = []() -> Task<> {
    current_task().cancel("by itself");
    co_await sleep(0s);
  };
  auto future = run_coroutine_threadsafe(work, other.loop());
  CHECK(outcome_of(future) == "CancelledError(by itself)");
  CHECK(future.cancelled());
}

TEST_CASE("run_coroutine_threadsafe: cancelling the future cancels the task", "[THR-05]") {
  LoopThread other;
  Gate started, cancelled;
  auto work = [&]() -> Task<> {
    started.open();
    static_cast<void>(co_await cancellation());
    cancelled.open();
  };
  auto future = run_coroutine_threadsafe(work, other.loop());
  started.wait();
  other.run_a_turn();
  CHECK(future.cancel("reason"));
  CHECK(future.cancelled());
  CHECK(future.cancel());
  CHECK(outcome_of(future) == "CancelledError(reason)");
  cancelled.wait();
}

TEST_CASE("run_coroutine_threadsafe: cancelled before the loop has seen it, nothing runs",
          "[THR-05]") {
  LoopThread other;
  Gate block, blocked;
  std::atomic<bool> has_run = false;
  other.loop().call_soon_threadsafe([&] {
    blocked.open();
    block.wait();
  });
  blocked.wait();
  auto future = run_coroutine_threadsafe(
      [&]() -> Task<> {
        has_run = true;
        co_return;
      },
      other.loop());
  future.cancel();
  block.open();
  other.run_a_turn();
  other.run_a_turn();
  CHECK_FALSE(has_run);
}

TEST_CASE("run_coroutine_threadsafe: a cancel after the end is refused", "[THR-05]") {
  LoopThread other;
  auto future = run_coroutine_threadsafe(gives(1), other.loop());
  CHECK(future.wait_for(1h));
  CHECK_FALSE(future.cancel());
  CHECK(future.get() == 1);
}

TEST_CASE(
    "run_coroutine_threadsafe: the failure of a task factory goes to the future and the handler",
    "[THR-06]") {
  LoopThread other;
  std::string reported;
  Gate has_reported;
  other.loop().call_soon_threadsafe([&] {
    other.loop().set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
      reported = context.message;
      has_reported.open();
    });
    other.loop().set_task_factory(
        [](EventLoop&, UnstartedTask) -> AnyTask { throw std::logic_error("factory"); });
  });
  auto future = run_coroutine_threadsafe(gives(1), other.loop());
  CHECK(outcome_of(future) == "factory");
  has_reported.wait();
  CHECK(reported == "Exception in callback");
  other.loop().call_soon_threadsafe([&] { other.loop().set_task_factory(nullptr); });
  other.run_a_turn();
}

TEST_CASE("run_coroutine_threadsafe: a closed loop refuses", "[THR-03]") {
  EventLoop loop;
  loop.close();
  CHECK_THROWS_AS(run_coroutine_threadsafe(gives(1), loop), RuntimeError);
}

TEST_CASE("run_coroutine_threadsafe: a loop that closes cancels what is left", "[THR-03][THR-05]") {
  auto loop = new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  auto started = run_coroutine_threadsafe(endless(), *loop);
  loop->run_once();
  loop->run_once();
  auto unseen = run_coroutine_threadsafe(endless(), *loop);
  CHECK_FALSE(started.done());
  loop->close();
  CHECK(started.cancelled());
  CHECK(unseen.cancelled());
  loop.reset();
  CHECK(started.cancel());
}

ContextVar<int> variable{"variable", 0};

TEST_CASE("run_coroutine_threadsafe: the coroutine sees the context of the caller",
          "[THR-03][CTX-01]") {
  LoopThread other;
  variable.set(7);
  const int seen = run_coroutine_threadsafe(
                       []() -> Task<int> {
                         const int value = variable.get();
                         variable.set(8);
                         co_return value;
                       },
                       other.loop())
                       .get();
  CHECK(seen == 7);
  CHECK(variable.get() == 7);
}

ASYNC_TEST("run_coroutine_threadsafe: a thread that calls back into its loop", "[THR-01][THR-03]") {
  auto& loop = get_running_loop();
  auto work = [&loop] { return run_coroutine_threadsafe(gives(20, 1), loop).get() + 1; };
  const int result = co_await to_thread(work);
  CHECK(result == 21);
}

// --- several threads -----------------------------------------------------------------------------

Task<int> echo(int n) {
  co_await turns(n % 3);
  co_return n;
}

TEST_CASE("threads: many post, cancel and wait", "[THR-03][THR-05][THR-07][W-12]") {
  LoopThread other;
  std::atomic<int> results = 0, cancelled = 0;
  std::vector<std::jthread> threads;
  constexpr int count = 200;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < count; ++i) {
        auto future = run_coroutine_threadsafe(echo(i), other.loop());
        if ((i + t) % 3 == 0) future.cancel();
        try {
          results += future.get() == i;
        } catch (const CancelledError&) {
          ++cancelled;
        }
      }
    });
  }
  threads.clear();
  CHECK(results + cancelled == 4 * count);
  CHECK(results >= 4 * count / 2);
}

TEST_CASE("threads: post, cancel and wait while the loop stops and closes",
          "[THR-03][THR-05][W-12]") {
  for (int round = 0; round < 10; ++round) {
    LoopThread other;
    std::atomic<int> ended = 0, refused = 0, posted = 0;
    std::vector<std::jthread> threads;
    constexpr int count = 100;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < count; ++i) {
          try {
            auto future = run_coroutine_threadsafe(i % 2 ? endless() : turns(i), other.loop());
            ++posted;
            if ((i + t) % 5 != 0 && i % 2) future.cancel();
            static_cast<void>(future.wait_for(i % 7 == 0 ? 1ms : 0ms));
            if (i % 2) future.cancel();
            static_cast<void>(future.done());
            ++ended;
          } catch (const RuntimeError&) {
            ++refused;  // the loop is closed
          }
        }
      });
    }
    while (posted < count) std::this_thread::yield();
    other.stop_loop();
    threads.clear();
    other.stop();
    CHECK(ended + refused == 4 * count);
  }
}

TEST_CASE("threads: loops on several threads do not know each other", "[THR-07]") {
  std::vector<std::jthread> threads;
  std::atomic<int> sum = 0;
  std::atomic<std::size_t> tasks_left = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      asyncio::run(
          [&]() -> Task<> {
            std::vector<Task<int>> tasks;
            for (int i = 0; i < 50; ++i) tasks.push_back(to_thread([](int n) { return n; }, i));
            for (const int result : co_await gather(std::move(tasks))) sum += result;
            tasks_left += all_tasks().size();
          },
          RunOptions{.handle_sigint = false});
    });
  }
  threads.clear();
  CHECK(sum == 4 * 49 * 50 / 2);
  CHECK(tasks_left == 4);
}

ASYNC_TEST("threads: futures of an executor are cancelled while their threads end",
           "[EXE-02][THR-02]") {
  int results = 0, cancelled = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<Future<int>> futures;
    for (int i = 0; i < 20; ++i) futures.push_back(run_in_executor(nullptr, [i] { return i; }));
    for (std::size_t i = 0; i < futures.size(); i += 2) futures[i].cancel();
    for (auto& future : futures) {
      const Outcome<int> outcome = co_await as_outcome(future);
      ++(outcome.has_value() ? results : cancelled);
    }
  }
  CHECK(cancelled == 200);
  CHECK(results == 200);
}

TEST_CASE("all_tasks_threadsafe: tells another thread of a loop's tasks", "[TASK-19][THR-03]") {
  LoopThread other;
  auto named = []() -> Task<> {
    create_task(sleep(1h), {.name = "first"});
    create_task(sleep(1h), {.name = "second"});
    co_await sleep(0s);
  };
  run_coroutine_threadsafe(named, other.loop()).get();
  const std::vector<std::string> tasks = all_tasks_threadsafe(other.loop()).get();
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].find("name='first'") != std::string::npos);
  CHECK(tasks[1].find("name='second'") != std::string::npos);
}

TEST_CASE("run_coroutine_threadsafe: takes any awaitable that is no future", "[THR-04]") {
  auto loop = new_event_loop();
  ConcurrentFuture<int> future = run_coroutine_threadsafe(sleep(1ms, 3), *loop);
  auto until_done = [&future]() -> Task<> {
    while (!future.done()) co_await sleep(1ms);
  };
  loop->run_until_complete(until_done());
  CHECK(future.get() == 3);
}

}  // namespace

}  // namespace run_coroutine_threadsafe_test

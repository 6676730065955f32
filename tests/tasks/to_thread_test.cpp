#include <asyncio/tasks/to_thread.hpp>

#include <support/gate.hpp>
#include <tasks/steps.hpp>

#include <atomic>
#include <thread>

namespace to_thread_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

ContextVar<int> variable{"variable", 0};

/// Lets other threads run until `condition` holds on the loop.
template <class Condition>
Task<> until(Condition condition) {
  while (!condition()) {
    std::this_thread::yield();
    co_await sleep(0s);
  }
}

// --- calls ---------------------------------------------------------------------------------------

ASYNC_TEST("to_thread: calls the function once, on another thread, and gives what it returns",
           "[THR-01]") {
  int calls = 0;
  auto here = std::this_thread::get_id();
  const auto there = co_await to_thread([&calls] {
    ++calls;
    return std::this_thread::get_id();
  });
  CHECK(there != here);
  CHECK(calls == 1);
}

ASYNC_TEST("to_thread: what the function throws comes out of the await", "[THR-01]") {
  const std::string how =
      co_await ending(to_thread([]() -> int { throw std::out_of_range("no"); }));
  CHECK(how == "no");
}

ASYNC_TEST("to_thread: nothing happens before it is awaited", "[THR-01]") {
  std::atomic<int> calls = 0;
  auto task = to_thread([&calls] { ++calls; });
  co_await turns(3);
  CHECK(calls == 0);
  co_await std::move(task);
  CHECK(calls == 1);
}

ASYNC_TEST("to_thread: owns copies of the arguments and hands them over by move", "[THR-01]") {
  auto owner = std::make_unique<int>(4);
  std::string text = "text";
  auto add = [](std::unique_ptr<int> number, const std::string& copied, int& more) {
    more += 1;
    return std::make_unique<int>(*number + static_cast<int>(copied.size()) + more);
  };
  int more = 10;
  auto task = to_thread(add, std::move(owner), text, std::ref(more));
  text = "changed afterwards";
  const std::unique_ptr<int> sum = co_await std::move(task);
  CHECK(*sum == 4 + 4 + 11);
  CHECK(more == 11);
}

ASYNC_TEST("to_thread: a reference is passed on", "[THR-01]") {
  int target = 1;
  int& result = co_await to_thread([&target]() -> int& { return target; });
  CHECK(&result == &target);
}

struct Adder {
  int base;
  int add(int more) const { return base + more; }
};

ASYNC_TEST("to_thread: takes member functions", "[THR-01]") {
  const Adder adder{40};
  const int sum = co_await to_thread(&Adder::add, adder, 2);
  CHECK(sum == 42);
}

ASYNC_TEST("to_thread: runs in a copy of the current context", "[THR-01][CTX-06]") {
  variable.set(1);
  const int seen = co_await to_thread([] {
    const int before = variable.get();
    variable.set(2);
    return before;
  });
  CHECK(seen == 1);
  CHECK(variable.get() == 1);
  const int next = co_await to_thread([] { return variable.get(); });
  CHECK(next == 1);
}

ASYNC_TEST("run_in_executor: does not copy the context", "[CTX-06]") {
  variable.set(1);
  const int seen = co_await run_in_executor(nullptr, [] { return variable.get(); });
  CHECK(seen == 0);
}

ASYNC_TEST("to_thread: a hundred at once", "[THR-01]") {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(to_thread([](int n) { return n; }, i));
  const std::vector<int> results = co_await gather(std::move(tasks));
  for (int i = 0; i < 100; ++i) CHECK(results[static_cast<std::size_t>(i)] == i);
}

ASYNC_VIRTUAL_TEST("to_thread: a virtual clock waits for the thread", "[THR-01]") {
  const auto begin = get_running_loop().time();
  const int result = co_await wait_for(to_thread([] { return 5; }), 1h);
  CHECK(result == 5);
  CHECK(get_running_loop().time() - begin < 1h);
}

// --- cancellation --------------------------------------------------------------------------------

ASYNC_TEST("to_thread: cancelled, it ends at once and the thread runs on", "[THR-02]") {
  Gate gate, started;
  std::atomic<bool> has_run = false;
  auto block = [&] {
    started.open();
    gate.wait();
    has_run = true;
  };
  {
    const OpenAtEnd opens(gate);
    auto task = create_task(to_thread(block));
    co_await until([&] { return started.is_open(); });
    task.cancel();
    const std::string how = co_await ending(task);
    CHECK(how == "CancelledError");
    CHECK_FALSE(has_run);
  }
  co_await until([&] { return has_run.load(); });
}

ASYNC_TEST("to_thread: a stop token asks the function when the await is cancelled",
           "[THR-02][W-12]") {
  Gate started, stopped;
  auto wait = [&](std::stop_token token) {
    started.open();
    wait_for_stop(token);
    stopped.open();
  };
  auto task = create_task(to_thread(wait));
  co_await until([&] { return started.is_open(); });
  CHECK_FALSE(stopped.is_open());
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  stopped.wait();
}

ASYNC_TEST("to_thread: a token stands in front of the arguments", "[THR-02][W-12]") {
  const auto result = co_await to_thread(
      [](std::stop_token token, int n) { return token.stop_possible() ? n : -1; }, 3);
  CHECK(result == 3);
}

struct CallTag;

ASYNC_TEST("to_thread: a call that has not started is withdrawn", "[THR-02][EXE-02]") {
  using Argument = Counted<CallTag>;
  Argument::count.reset();
  Gate gate;
  const OpenAtEnd opens(gate);
  get_running_loop().set_default_executor(
      std::make_shared<ThreadPoolExecutor>(ThreadPoolOptions{.max_workers = 1}));
  std::atomic<int> calls = 0;
  auto blocker = create_task(to_thread([&gate] { gate.wait(); }));
  co_await turns(1);
  auto count = [&calls](const Argument&) { ++calls; };
  auto task = create_task(to_thread(count, Argument()));
  co_await turns(2);
  CHECK(Argument::count.alive() > 0);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(Argument::count.alive() == 0);
  gate.open();
  co_await blocker;
  co_await to_thread([] {});  // whatever was queued before is done
  CHECK(calls == 0);
}

ASYNC_TEST("to_thread: cancelled after the function has ended, before the task runs",
           "[THR-02][CAN-07]") {
  auto task = create_task(to_thread([] { return 1; }));
  const auto handle = task.shared_state();
  co_await turns(1);
  while (handle->as_task()->waiting()) {  // until the wake-up is queued
    std::this_thread::yield();
    co_await sleep(0s);
  }
  const bool was_done = task.done();
  const bool taken = task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == (was_done ? "a result" : "CancelledError"));
  CHECK(taken == !was_done);
}

ASYNC_TEST("to_thread: with wait_for_thread a cancellation waits for the function's end",
           "[THR-02]") {
  Gate gate, started;
  const OpenAtEnd opens(gate);
  Trace trace;
  auto work = [&] {
    started.open();
    gate.wait();
    return 7;
  };
  auto body = [&]() -> Task<> {
    const int result = co_await to_thread(wait_for_thread, work);
    trace.push_back(std::to_string(result));
    co_await sleep(0s);
    trace.push_back("never");
  };
  auto task = create_task(body());
  co_await until([&] { return started.is_open(); });
  task.cancel("reason");
  co_await turns(5);
  CHECK_FALSE(task.done());
  gate.open();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(reason)");
  CHECK(trace == Trace{"7"});
}

ASYNC_TEST("to_thread: with wait_for_thread the stop token is asked", "[THR-02][W-12]") {
  Gate started;
  auto wait = [&](std::stop_token token) {
    started.open();
    wait_for_stop(token);
    throw std::runtime_error("was asked");
  };
  auto task = create_task(to_thread(wait_for_thread, wait));
  co_await until([&] { return started.is_open(); });
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "was asked");
}

ASYNC_TEST("to_thread: with wait_for_thread a call that has not started is withdrawn", "[THR-02]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  get_running_loop().set_default_executor(
      std::make_shared<ThreadPoolExecutor>(ThreadPoolOptions{.max_workers = 1}));
  std::atomic<int> calls = 0;
  auto blocker = create_task(to_thread([&gate] { gate.wait(); }));
  co_await turns(1);
  auto task = create_task(to_thread(wait_for_thread, [&calls] { ++calls; }));
  co_await turns(2);
  task.cancel("reason");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(reason)");
  gate.open();
  co_await blocker;
  CHECK(calls == 0);
}

ASYNC_TEST("to_thread: the executor keeps nothing of the loop's for a withdrawn call", "[THR-02]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  get_running_loop().set_default_executor(
      std::make_shared<ThreadPoolExecutor>(ThreadPoolOptions{.max_workers = 1}));
  auto blocker = create_task(to_thread([&gate] { gate.wait(); }));
  co_await turns(1);
  detail::AllocationObserver blocks{[](detail::AllocationObserver&) {}};
  detail::FramePool::observe(&blocks);
  {
    auto task = create_task(to_thread(wait_for_thread, [] {}));
    co_await turns(2);
    task.cancel();
    co_await turns(2);
    CHECK(task.cancelled());
  }
  // The thread drops the call when it comes to it; the future must be gone by then.
  const std::ptrdiff_t left = blocks.blocks_alive;
  detail::FramePool::observe(nullptr);
  CHECK(left == 0);
  gate.open();
  co_await blocker;
}

ASYNC_TEST("to_thread: a limit in time", "[THR-02]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  const std::string how = co_await ending(wait_for(to_thread([&gate] { gate.wait(); }), 1ms));
  CHECK(how == "TimeoutError");
}

// --- the end of the loop -------------------------------------------------------------------------

TEST_CASE("to_thread: run() waits for the threads, and asks their functions to stop first",
          "[THR-02][W-12][RUN-08]") {
  Gate started;
  std::atomic<bool> has_ended = false;
  auto main = [&]() -> Task<> {
    auto wait = [&](std::stop_token token) {
      started.open();
      wait_for_stop(token);
      has_ended = true;
    };
    run_in_executor(nullptr, wait);
    co_await until([&] { return started.is_open(); });
  };
  asyncio::run(main);
  CHECK(has_ended);
}

TEST_CASE("to_thread: what ends after its loop closed is dropped", "[EXE-02][THR-02]") {
  Gate gate, ended;
  struct AtEnd {
    Gate& gate;
    ~AtEnd() { gate.open(); }
  };
  ThreadPoolExecutor pool;
  {
    EventLoop loop;
    auto work = [&gate, at_end = std::make_shared<AtEnd>(ended)] {
      gate.wait();
      return std::string(100, 'x');
    };
    loop.run_in_executor(&pool, std::move(work));
  }
  gate.open();
  ended.wait();
  CHECK(ended.is_open());
}

TEST_CASE("to_thread: a loop that closes while a task waits for a thread leaves nothing",
          "[EXE-02]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  EventLoop loop;
  loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  auto work = [&gate] { gate.wait(); };
  auto main = [&]() -> Task<> { co_await to_thread(wait_for_thread, work); };
  auto task = loop.create_task(main());
  loop.run_once();
  loop.run_once();
  loop.close();
  CHECK_FALSE(task.done());
  gate.open();
}

}  // namespace

}  // namespace to_thread_test

#include <asyncio/tasks/thread_call.hpp>
//
#include <asyncio/tasks/default_executor.hpp>

#include <support/gate.hpp>
#include <tasks/steps.hpp>

#include <thread>

namespace thread_call_test {

using namespace asyncio;
using namespace asyncio_test;
using asyncio::detail::bind_call;

namespace {

struct CallTag;
using Argument = Counted<CallTag>;

static_assert(ThreadFunction<int (*)(int), int> && !ThreadFunction<int (*)(int)>);
static_assert(ThreadFunction<void (*)(std::stop_token, int), int>);
static_assert(!ThreadFunction<void (*)(int&), int>);  // its own copy is handed over by move
static_assert(std::is_same_v<decltype(bind_call([] { return 1; }))::Result, int>);
static_assert(std::is_same_v<decltype(bind_call([]() -> const std::string { return ""; }))::Result,
                             std::string>);

ASYNC_TEST("run_in_executor: gives a future, and the call starts now", "[EXE-01]") {
  Gate ran;
  auto future = run_in_executor(
      nullptr,
      [&ran](int n) {
        ran.open();
        return n + 1;
      },
      1);
  static_assert(std::is_same_v<decltype(future), Future<int>>);
  ran.wait();  // without a turn of the loop
  CHECK_FALSE(future.done());
  const int result = co_await future;
  CHECK(result == 2);
}

ASYNC_TEST("run_in_executor: the function is destroyed on the thread, before the result arrives",
           "[EXE-01]") {
  Argument::count.reset();
  auto count = [](const Argument&) {};
  co_await run_in_executor(nullptr, count, Argument());
  CHECK(Argument::count.alive() == 0);
}

ASYNC_TEST("run_in_executor: a failure that nobody asks for is reported", "[EXE-01]") {
  std::string reported;
  get_running_loop().set_exception_handler(
      [&reported](EventLoop&, const ExceptionContext& context) {
        reported = describe(context.exception);
      });
  run_in_executor(nullptr, [] { throw std::runtime_error("lost"); });
  while (reported.empty()) {
    std::this_thread::yield();
    co_await turns(1);
  }
  CHECK(reported == "lost");
}

ASYNC_TEST("run_in_executor: cancelling the future drops what comes", "[EXE-02]") {
  Gate gate, started;
  const OpenAtEnd opens(gate);
  auto block = [&] {
    started.open();
    gate.wait();
    return std::make_unique<int>(1);
  };
  auto future = run_in_executor(nullptr, block);
  started.wait();
  CHECK(future.cancel());
  CHECK(future.cancelled());
  gate.open();
  co_await run_in_executor(nullptr, [] {});
  CHECK_FALSE(future.cancel());
}

ASYNC_TEST("run_in_executor: a future that was set by hand keeps that", "[EXE-02]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  auto future = run_in_executor(nullptr, [&gate] {
    gate.wait();
    return 1;
  });
  future.set_result(2);
  gate.open();
  co_await run_in_executor(nullptr, [] {});
  co_await turns(2);
  CHECK(future.result() == 2);
}

ASYNC_TEST("run_in_executor: the outcome may be a CancelledError of the function's own",
           "[EXE-01]") {
  auto future = run_in_executor(nullptr, []() -> int { throw CancelledError("mine"); });
  const std::string how = co_await ending(future);
  CHECK(how == "CancelledError(mine)");
}

}  // namespace

}  // namespace thread_call_test

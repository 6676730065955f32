#include <asyncio/tasks/default_executor.hpp>
//
#include <asyncio/tasks/to_thread.hpp>

#include <support/gate.hpp>
#include <tasks/steps.hpp>

namespace default_executor_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

ASYNC_TEST("default executor: can be replaced", "[EXE-03]") {
  auto pool = std::make_shared<ThreadPoolExecutor>(ThreadPoolOptions{.thread_name_prefix = "mine"});
  get_running_loop().set_default_executor(pool);
  co_await to_thread([] {});
  CHECK(pool->thread_count() == 1);
  CHECK_THROWS_AS(get_running_loop().set_default_executor(nullptr), std::invalid_argument);
}

ASYNC_TEST("default executor: its shutdown waits for what runs, then it refuses work", "[EXE-04]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  std::atomic<bool> has_run = false;
  auto pool = std::make_shared<ThreadPoolExecutor>();
  auto& loop = get_running_loop();
  loop.set_default_executor(pool);
  run_in_executor(nullptr, [&] {
    gate.wait();
    has_run = true;
  });
  auto shutdown = create_task(loop.shutdown_default_executor());
  co_await turns(3);
  CHECK_FALSE(shutdown.done());
  gate.open();
  co_await shutdown;
  CHECK(has_run);
  CHECK(pool->is_shut_down());
  CHECK_THROWS_AS(run_in_executor(nullptr, [] {}), RuntimeError);
  const std::string how = co_await ending(to_thread([] {}));
  CHECK(how == "RuntimeError(Executor shutdown has been called)");
}

ASYNC_TEST("default executor: shutdown without any use, and twice", "[EXE-04]") {
  co_await get_running_loop().shutdown_default_executor();
  co_await get_running_loop().shutdown_default_executor();
  CHECK_THROWS_AS(run_in_executor(nullptr, [] {}), RuntimeError);
}

ASYNC_TEST("default executor: twice after some use", "[EXE-04]") {
  co_await to_thread([] {});
  co_await get_running_loop().shutdown_default_executor();
  co_await get_running_loop().shutdown_default_executor();
  CHECK_THROWS_AS(run_in_executor(nullptr, [] {}), RuntimeError);
}

ASYNC_TEST("default executor: a shutdown that takes too long is reported and goes on",
           "[EXE-04][RUN-10]") {
  Gate gate, ended;
  std::string reported;
  auto& loop = get_running_loop();
  loop.set_exception_handler(
      [&reported](EventLoop&, const ExceptionContext& context) { reported = context.message; });
  run_in_executor(nullptr, [&] {
    gate.wait();
    ended.open();
  });
  co_await loop.shutdown_default_executor(1ms);
  CHECK(reported.find("The executor did not finish joining its threads within 0.001") == 0);
  CHECK_FALSE(ended.is_open());
  gate.open();
  ended.wait();
}

ASYNC_TEST("default executor: a cancelled shutdown leaves it shut down", "[EXE-04]") {
  Gate gate;
  const OpenAtEnd opens(gate);
  run_in_executor(nullptr, [gate] { gate.wait(); });
  auto shutdown = create_task(get_running_loop().shutdown_default_executor());
  co_await turns(3);
  shutdown.cancel();
  const std::string how = co_await ending(shutdown);
  CHECK(how == "CancelledError");
  CHECK_THROWS_AS(run_in_executor(nullptr, [] {}), RuntimeError);
}

TEST_CASE("default executor: run_in_executor on a closed loop", "[EXE-01]") {
  EventLoop loop;
  loop.close();
  CHECK_THROWS_AS(loop.run_in_executor(nullptr, [] {}), RuntimeError);
}

TEST_CASE("default executor: a loop that is closed without run() does not wait for it",
          "[EXE-02]") {
  Gate started, gate, ended;
  {
    EventLoop loop;
    loop.run_in_executor(nullptr, [&] {
      started.open();
      gate.wait();
      ended.open();
    });
    started.wait();  // so that it is not withdrawn
  }
  gate.open();
  ended.wait();
  CHECK(ended.is_open());
}

}  // namespace

}  // namespace default_executor_test

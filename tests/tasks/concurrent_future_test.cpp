#include <asyncio/tasks/concurrent_future.hpp>
//
#include <asyncio/tasks/run_coroutine_threadsafe.hpp>

#include <support/gate.hpp>
#include <tasks/loop_thread.hpp>
#include <tasks/steps.hpp>

namespace concurrent_future_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("concurrent future: get gives the result, moved out, once", "[THR-03][THR-04]") {
  LoopThread other;
  auto future = run_coroutine_threadsafe(gives(std::make_unique<int>(3), 2), other.loop());
  const ConcurrentFuture<std::unique_ptr<int>> copy = future;
  CHECK(copy == future);
  CHECK(*future.get() == 3);
  CHECK(copy.done());
  CHECK_FALSE(copy.cancelled());
  CHECK_THROWS_AS(copy.get(), InvalidStateError);
}

TEST_CASE("concurrent future: wait_for waits for a while", "[THR-03][THR-05]") {
  LoopThread other;
  Gate gate;
  auto future = run_coroutine_threadsafe(endless(), other.loop());
  CHECK_FALSE(future.wait_for(1ms));
  CHECK_FALSE(future.done());
  CHECK(future.cancel());
  CHECK(future.wait_for(0ms));
}

TEST_CASE("concurrent future: get on a thread that runs a loop does not block it", "[THR-03]") {
  std::string how;
  asyncio::run([&how]() -> Task<> {
    auto future = run_coroutine_threadsafe(gives(1, 1), get_running_loop());
    try {
      static_cast<void>(future.get());
    } catch (const RuntimeError& error) {
      how = error.what();
    }
    const int result = co_await wrap_future(future);
    how += std::to_string(result);
  });
  CHECK(how == "ConcurrentFuture.get() would block a running loop: await wrap_future()1");
}

TEST_CASE("ConcurrentFuture: wait_for takes the longest time there is", "[THR-03]") {
  LoopThread other;
  auto future = run_coroutine_threadsafe(gives(1, 1), other.loop());
  CHECK(future.wait_for(std::chrono::nanoseconds::max()));
  CHECK(future.get() == 1);
}

ASYNC_TEST("wrap_future: brings a result from another loop", "[THR-04][FUT-15]") {
  LoopThread other;
  auto future =
      wrap_future(run_coroutine_threadsafe(gives(std::make_unique<int>(4), 3), other.loop()));
  CHECK_FALSE(future.done());
  const std::unique_ptr<int> result = co_await std::move(future);
  CHECK(*result == 4);
}

ASYNC_TEST("wrap_future: brings an exception", "[THR-04][FUT-16]") {
  LoopThread other;
  auto future = wrap_future(run_coroutine_threadsafe(fails("there", 2), other.loop()));
  const std::string how = co_await ending(future);
  CHECK(how == "invalid_argument(there)");
}

ASYNC_TEST("ConcurrentFuture: neither get nor wait_for stops a loop", "[THR-04]") {
  LoopThread other;
  auto future = run_coroutine_threadsafe(endless(), other.loop());
  CHECK_THROWS_AS(future.get(), RuntimeError);
  CHECK_THROWS_AS(future.wait_for(1h), RuntimeError);
  CHECK(future.cancel());
  co_return;
}

ASYNC_TEST("wrap_future: of one that is done already", "[THR-04]") {
  LoopThread other;
  auto future = run_coroutine_threadsafe(gives(5), other.loop());
  bool is_done = false;
  std::thread([&] { is_done = future.wait_for(1h); }).join();
  CHECK(is_done);
  const int result = co_await wrap_future(future);
  CHECK(result == 5);
}

ASYNC_TEST("wrap_future: cancelling it cancels the task on the other loop", "[THR-05][FUT-15]") {
  LoopThread other;
  Gate cancelled;
  auto work = [&cancelled]() -> Task<> {
    static_cast<void>(co_await cancellation());
    cancelled.open();
  };
  auto remote = run_coroutine_threadsafe(work, other.loop());
  auto future = wrap_future(remote);
  other.run_a_turn();
  other.run_a_turn();
  CHECK(future.cancel());
  const std::string how = co_await ending(future);
  CHECK(how == "CancelledError");
  CHECK(remote.cancelled());
  cancelled.wait();
}

ASYNC_TEST("wrap_future: a cancellation on the other side cancels it", "[THR-04][THR-05]") {
  LoopThread other;
  auto remote = run_coroutine_threadsafe(endless(), other.loop());
  auto future = wrap_future(remote);
  CHECK(remote.cancel("reason"));
  const std::string how = co_await ending(future);
  CHECK(how == "CancelledError(reason)");
  CHECK(future.cancelled());
}

TEST_CASE("wrap_future: its loop may close before the other side ends", "[THR-04][FUT-16]") {
  LoopThread other;
  Gate gate;
  auto work = [&gate]() -> Task<int> {
    gate.wait();
    co_return 1;
  };
  auto remote = run_coroutine_threadsafe(work, other.loop());
  {
    EventLoop loop;
    auto future = wrap_future(remote, loop);
    loop.close();
    CHECK_FALSE(future.done());
  }
  gate.open();
  CHECK(remote.get() == 1);
}

ASYNC_TEST("wrap_future: a future of a loop stays what it is", "[THR-04][FUT-15]") {
  auto future = get_running_loop().create_future<int>();
  CHECK(wrap_future(future) == future);
  co_return;
}

}  // namespace

}  // namespace concurrent_future_test

#include <asyncio/core/future_wait.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace future_wait_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

ASYNC_VIRTUAL_TEST("future wait: the waiter goes on one turn after the result", "[CORO-03]") {
  auto future = get_running_loop().create_future<int>();
  bool resumed = false;
  auto waiter = [&]() -> Task<> {
    co_await future;
    resumed = true;
  };
  auto task = create_task(waiter());
  co_await turns(1);
  future.set_result(1);
  CHECK_FALSE(resumed);
  co_await turns(1);
  CHECK(resumed);
}

ASYNC_VIRTUAL_TEST("future wait: dropping the future while it is awaited is harmless") {
  std::optional<Future<int>> future = get_running_loop().create_future<int>();
  auto waiter = [&future]() -> Task<int> {
    const int value = co_await *future;
    co_return value;
  };
  auto task = create_task(waiter());
  co_await turns(1);
  Future<int> other = *future;
  future.reset();
  other.set_result(4);
  const int value = co_await task;
  CHECK(value == 4);
}

ASYNC_VIRTUAL_TEST("future wait: a cancel after the result is raised, the result stays",
                   "[CAN-07]") {
  auto future = get_running_loop().create_future<Item>();
  auto waiter = [](Future<Item> taken) -> Task<Item> { co_return co_await std::move(taken); };
  auto task = create_task(waiter(future));
  co_await turns(1);
  future.set_result(3);
  task.cancel();
  const std::string how = co_await ending(std::move(task));
  CHECK(how == "CancelledError");
  CHECK(future.result().value() == 3);
}

ASYNC_VIRTUAL_TEST("future wait: a cancel before the wait is not swallowed by a done future",
                   "[CAN-05]") {
  auto future = get_running_loop().create_future<int>();
  future.set_result(1);
  Trace trace;
  auto work = [&]() -> Task<> {
    current_task().cancel();
    const int value = co_await future;
    trace.push_back("got " + std::to_string(value));
    const std::string how = co_await ending(turns(1));
    trace.push_back(how);
  };
  co_await create_task(work());
  CHECK(trace == Trace{"got 1", "CancelledError"});
}

TEST_CASE("future wait: one that is destroyed with its task leaves the future", "[TASK-06]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  auto future = loop->create_future<int>();
  loop->create_task(future);
  loop->run_once();
  CHECK_FALSE(future.shared_state()->subscribers().empty());
  loop->close();
  CHECK(future.shared_state()->subscribers().empty());
  future.set_result(1);
  CHECK(future.result() == 1);
}

}  // namespace

}  // namespace future_wait_test

#include <asyncio/tasks/started.hpp>

#include <tasks/steps.hpp>

namespace started_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

template <class Body>
auto in_group(Body& body) {
  return async_with(TaskGroup{}, body);
}

}  // namespace

ASYNC_TEST("start: gives what started() was called with, and the task runs on in the group",
           "[W-09]") {
  Trace trace;
  auto serve = [&trace](Started<int> started) -> Task<> {
    co_await turns(2);
    started(8080);
    trace.push_back("started");
    co_await turns(4);
    trace.push_back("ended");
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    const int port = co_await tg.start<int>(serve);
    trace.push_back(std::to_string(port));
  };
  co_await in_group(body);
  CHECK(trace == Trace{"started", "8080", "ended"});
}

ASYNC_TEST("start: without a value", "[W-09]") {
  bool is_ready = false;
  auto serve = [&is_ready](Started<> started) -> Task<> {
    is_ready = true;
    started();
    co_return;
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    co_await tg.start(serve);
    CHECK(is_ready);
  };
  co_await in_group(body);
}

ASYNC_TEST("start: a task that fails before it is ready fails the start, not the group") {
  auto serve = [](Started<int>) -> Task<> { co_await fails("no port", 1); };
  std::string how;
  auto body = [&](TaskGroup& tg) -> Task<> {
    how = co_await ending(tg.start<int>(serve));
    tg.create_task(turns(1));
  };
  co_await in_group(body);
  CHECK(how == "invalid_argument(no port)");
}

ASYNC_TEST("start: a task that ends without started()") {
  auto serve = [](Started<int>) -> Task<> { co_await turns(1); };
  std::string how;
  auto body = [&](TaskGroup& tg) -> Task<> { how = co_await ending(tg.start<int>(serve)); };
  co_await in_group(body);
  CHECK(how == "RuntimeError(the task ended without calling started())");
}

ASYNC_TEST("start: a task that fails afterwards fails the group") {
  auto serve = [](Started<int> started) -> Task<> {
    started(1);
    co_await fails("later", 1);
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    co_await tg.start<int>(serve);
    co_await endless();
  };
  const std::string how = co_await ending(in_group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(later)]");
}

ASYNC_TEST("start: cancelled, it cancels the task and waits for it") {
  Trace trace;
  auto serve = [&trace](Started<int> started) -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    co_await turns(3);
    trace.push_back("cleaned up");
    started(1);  // nobody is there
    std::rethrow_exception(error);
  };
  auto body = [&](TaskGroup& tg) -> Task<> { co_await tg.start<int>(serve); };
  auto task = create_task(in_group(body));
  co_await turns(4);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(trace == Trace{"cleaned up"});
}

ASYNC_TEST("start: started() twice is refused") {
  std::string how;
  auto serve = [&how](Started<int> started) -> Task<> {
    started(1);
    try {
      started(2);
    } catch (const RuntimeError& error) {
      how = error.what();
    }
    co_return;
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    const int value = co_await tg.start<int>(serve);
    CHECK(value == 1);
  };
  co_await in_group(body);
  CHECK(how == "started() was called before, or its task has ended");
}

ASYNC_TEST("start: refused by a group that is not entered") {
  TaskGroup group;
  auto serve = [](Started<> started) -> Task<> {
    started();
    co_return;
  };
  const std::string how = co_await ending(group.start(serve));
  CHECK(how == "RuntimeError(TaskGroup <TaskGroup> has not been entered)");
}

ASYNC_TEST("start: the group does not end while somebody else starts a task in it") {
  Trace trace;
  auto serve = [&trace](Started<> started) -> Task<> {
    co_await turns(5);
    started();
    co_await turns(5);
    trace.push_back("task ended");
  };
  TaskHandle<> starter;
  auto body = [&](TaskGroup& tg) -> Task<> {
    starter = create_task(tg.start(serve));
    co_await turns(2);
  };
  co_await in_group(body);
  trace.push_back("group ended");
  CHECK(trace == Trace{"task ended", "group ended"});
  co_await starter;
}

ASYNC_TEST("start: under an eager task factory") {
  get_running_loop().set_task_factory(eager_task_factory);
  auto serve = [](Started<int> started) -> Task<> {
    started(5);
    co_return;
  };
  int value = 0;
  auto body = [&](TaskGroup& tg) -> Task<> { value = co_await tg.start<int>(serve); };
  co_await in_group(body);
  get_running_loop().set_task_factory(nullptr);
  CHECK(value == 5);
}

TEST_CASE("start: a loop that closes under it leaves nothing") {
  EventLoop loop;
  loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  auto serve = [](Started<int>) -> Task<> { co_await endless(); };
  auto body = [&](TaskGroup& tg) -> Task<> { co_await tg.start<int>(serve); };
  auto main = [&]() -> Task<> { co_await in_group(body); };
  auto task = loop.create_task(main());
  for (int i = 0; i < 5; ++i) loop.run_once();
  CHECK_FALSE(task.done());
}

}  // namespace started_test

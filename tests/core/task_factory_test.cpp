#include <asyncio/core/task_factory.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace task_factory_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

ASYNC_VIRTUAL_TEST("unstarted task: start() schedules it", "[TASK-22]") {
  get_running_loop().set_task_factory(
      [](EventLoop&, UnstartedTask task) { return std::move(task).start(); });
  auto task = create_task(gives(1));
  get_running_loop().set_task_factory(nullptr);
  CHECK_FALSE(task.done());
  const int value = co_await task;
  CHECK(value == 1);
}

ASYNC_VIRTUAL_TEST("unstarted task: start_eagerly() runs it to its first suspension",
                   "[TASK-22][EAG-01]") {
  get_running_loop().set_task_factory(
      [](EventLoop&, UnstartedTask task) { return std::move(task).start_eagerly(); });
  auto task = create_task(gives(1));
  get_running_loop().set_task_factory(nullptr);
  CHECK(task.done());
  co_return;
}

ASYNC_VIRTUAL_TEST("unstarted task: dropping it destroys the coroutine", "[TASK-22][TASK-03]") {
  Item::count().reset();
  auto work = [](Item) -> Task<> { co_return; };
  get_running_loop().set_task_factory([](EventLoop&, UnstartedTask) { return AnyTask(); });
  create_task(work(Item(1)));
  get_running_loop().set_task_factory(nullptr);
  CHECK(Item::count().alive() == 0);
  CHECK(all_tasks().size() == 1);
  co_return;
}

ASYNC_VIRTUAL_TEST("unstarted task: may be started later", "[TASK-22]") {
  std::optional<UnstartedTask> kept;
  get_running_loop().set_task_factory([&kept](EventLoop&, UnstartedTask task) {
    kept.emplace(std::move(task));
    return AnyTask();
  });
  auto task = create_task(gives(1));
  get_running_loop().set_task_factory(nullptr);
  co_await turns(3);
  CHECK_FALSE(task.done());
  std::move(*kept).start();
  const int value = co_await task;
  CHECK(value == 1);
}

ASYNC_VIRTUAL_TEST("task factory: eager_start of a single task goes past it", "[EAG-07]") {
  int seen = 0;
  get_running_loop().set_task_factory([&seen](EventLoop&, UnstartedTask task) {
    ++seen;
    return std::move(task).start();
  });
  auto eager = create_task(gives(1), {.eager_start = true});
  get_running_loop().set_task_factory(nullptr);
  CHECK(eager.done());
  CHECK(seen == 0);
  co_return;
}

}  // namespace

}  // namespace task_factory_test

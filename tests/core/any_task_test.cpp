#include <asyncio/core/any_task.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <unordered_set>

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("any task: may be empty") {
  const AnyTask empty;
  CHECK_FALSE(empty);
}

ASYNC_VIRTUAL_TEST("any task: names, cancels and counts the requests of a task of any type",
                   "[TASK-07][CAN-14][CAN-15]") {
  auto number = create_task(sleep(1h, 1), {.name = "number"});
  const AnyTask task = number;
  CHECK(task.get_name() == "number");
  task.set_name("renamed");
  CHECK(number.get_name() == "renamed");
  co_await turns(1);
  CHECK(task.cancel("stop"));
  CHECK(task.cancelling() == 1);
  CHECK(task.uncancel() == 0);
  co_await turns(2);
  CHECK(task.cancelled());
  CHECK(number.cancelled());
}

ASYNC_VIRTUAL_TEST("any task: its done callbacks get an AnyTask", "[FUT-08]") {
  const AnyTask task = create_task(gives(1), {.name = "mine"});
  std::string seen;
  task.add_done_callback([&seen](AnyTask done) { seen = done.get_name(); });
  co_await turns(2);
  CHECK(seen == "mine");
}

ASYNC_VIRTUAL_TEST("any task: gives the context that the task runs in", "[TASK-09][TASK-08]") {
  static const ContextVar<int> var("any_task", 0);
  auto work = []() -> Task<> {
    var.set(7);
    co_return;
  };
  const AnyTask task = create_task(work());
  co_await turns(1);
  CHECK(task.get_context().run([] { return var.get(); }) == 7);
  CHECK(var.get() == 0);
}

ASYNC_VIRTUAL_TEST("any task: hashes by identity") {
  const AnyTask task = create_task(turns(1));
  const std::unordered_set<AnyTask> set{task, task, current_task()};
  CHECK(set.size() == 2);
  co_return;
}

}  // namespace

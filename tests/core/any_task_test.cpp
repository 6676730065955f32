#include <asyncio/core/any_task.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <unordered_set>

namespace any_task_test {

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

Task<> stands_inside() { co_await sleep(1h); }
Task<> stands_outside() { co_await stands_inside(); }

std::string printed_stack(const AnyTask& task) {
  std::FILE* const file = std::tmpfile();
  task.print_stack(10, file);
  std::rewind(file);
  char text[1000];
  const std::size_t size = std::fread(text, 1, sizeof text, file);
  std::fclose(file);
  return std::string(text, size);
}

ASYNC_VIRTUAL_TEST("get_stack: the coroutines of a suspended task, the outermost first",
                   "[TASK-17]") {
  const AnyTask task = create_task(stands_outside(), {.name = "deep"});
  co_await turns(1);
  const std::vector<FrameEntry> stack = task.get_stack();
  REQUIRE(stack.size() == 2);
  CHECK(stack[0].function == "stands_outside");
  CHECK(stack[1].function == "stands_inside");
  CHECK(stack[0].line == stack[1].line + 1);
  CHECK(task.get_stack(1) == std::vector{stack[1]});
  const std::string text = printed_stack(task);
  CHECK(text.find("stands_outside") < text.find("in stands_inside"));
  CHECK(text.find("most recent call last") != text.npos);
  task.cancel();
  co_await turns(2);
  CHECK(task.get_stack().empty());
  CHECK(printed_stack(task) == "Stack for <Task cancelled name='deep'>\n");
}

ASYNC_VIRTUAL_TEST("to_string: a task's state, name, place, what it waits for and its failure",
                   "[TASK-16][FUT-19]") {
  const AnyTask none;
  CHECK(to_string(none) == "<Task none>");
  auto future = get_running_loop().create_future();
  auto waits = [future]() -> Task<> { co_await future; };
  const AnyTask task = create_task(waits, {.name = "w"});
  co_await turns(1);
  const std::string text = to_string(task);
  CHECK(text.starts_with("<Task pending name='w' coro=<"));
  CHECK(text.ends_with(" wait_for=<Future pending>>"));
  CHECK(to_string(AnyFuture(future)) == "<Future pending waiters=1>");
  task.cancel();
  CHECK(to_string(task).starts_with("<Task cancelling name='w'"));
  const AnyTask failed = create_task(fails("no"), {.name = "f"});
  co_await turns(2);
  CHECK(to_string(failed) == "<Task finished name='f' exception=std::invalid_argument: no>");
  CHECK(to_string(AnyFuture(future)) == "<Future cancelled>");
  static_cast<void>(failed.exception());
}

ASYNC_VIRTUAL_TEST("to_string: survives a task that waits for itself through another",
                   "[TASK-16]") {
  TaskHandle<> second;
  auto first = create_task([&second]() -> Task<> { co_await second; }, {.name = "a"});
  second = create_task([&first]() -> Task<> { co_await first; }, {.name = "b"});
  co_await turns(1);
  CHECK(to_string(first).find("wait_for=<Task pending>") != std::string::npos);
  CHECK(to_string(second).find("wait_for=<Task pending>") != std::string::npos);
  first.cancel();
  co_await turns(4);
  CHECK(first.done());
}

Task<> suspends_once() { co_await sleep(0s); }
Task<std::vector<FrameEntry>> looks_at_itself() {
  co_await suspends_once();
  co_return current_task().get_stack();
}

ASYNC_VIRTUAL_TEST("get_stack: of the running task, after a child has ended", "[TASK-17]") {
  auto task = create_task(looks_at_itself());
  const std::vector<FrameEntry> stack = co_await task;
  REQUIRE(stack.size() == 1);
  CHECK(stack[0].function == "looks_at_itself");
}

TEST_CASE("to_string: of a task whose loop was closed", "[TASK-16]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  const AnyTask task = loop->create_task(endless(), {.name = "left"});
  loop->run_once();
  loop->close();
  CHECK(to_string(task) == "<Task pending name='left'>");
  CHECK(task.get_stack().empty());
}

}  // namespace

}  // namespace any_task_test

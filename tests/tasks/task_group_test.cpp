#include <asyncio/tasks/task_group.hpp>
#include <asyncio/tasks/timeout.hpp>

#include <memory>
#include <tasks/steps.hpp>

namespace task_group_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// A test that runs with ordinary tasks and with eager ones, as CPython's do.
#define GROUP_TEST(name, tags) GROUP_TEST_ON_LINE(__LINE__, name, tags)
#define GROUP_TEST_ON_LINE(line, name, tags) GROUP_TEST_WITH_ID(line, name, tags)
#define GROUP_TEST_WITH_ID(line, name, tags)                                      \
  static Task<> group_test_##line();                                              \
  ASYNCIO_TEST_ON_VIRTUAL_CLOCK(group_test_lazy_##line, name, tags) {             \
    co_await group_test_##line();                                                 \
  }                                                                               \
  ASYNCIO_TEST_ON_VIRTUAL_CLOCK(group_test_eager_##line, name " (eager)", tags) { \
    get_running_loop().set_task_factory(eager_task_factory);                      \
    co_await group_test_##line();                                                 \
  }                                                                               \
  static Task<> group_test_##line()

struct Tag;

/// A group around `body`.
template <class Body>
auto group(Body& body) {
  return async_with(TaskGroup{}, body);
}

/// Why the group refuses a task.
std::string refusal(TaskGroup& tg) {
  Counted<Tag>::count.reset();
  auto child = [](Counted<Tag>) -> Task<> { co_return; };
  std::string how = "accepted";
  try {
    tg.create_task(child(Counted<Tag>()));
  } catch (...) {
    how = describe(std::current_exception());
    CHECK(Counted<Tag>::count.alive() == 0);  // the coroutine is gone
  }
  return how;
}

// --- the scope -----------------------------------------------------------------------------------

GROUP_TEST("task group: the scope ends after its tasks", "[TGR-01]") {
  std::optional<TaskHandle<int>> a;
  std::optional<TaskHandle<int>> b;
  auto body = [&](TaskGroup& tg) -> Task<int> {
    a = tg.create_task(gives(1, 5));
    b = tg.create_task(gives(2, 2));
    CHECK_FALSE(a->done());
    co_return 3;
  };
  const std::optional<int> result = co_await group(body);
  CHECK(result == 3);
  CHECK(a->result() == 1);
  CHECK(b->result() == 2);
}

GROUP_TEST("task group: an empty scope does not suspend", "[TGR-01]") {
  bool other_ran = false;
  auto marker = get_running_loop().call_soon([&other_ran] { other_ran = true; });
  co_await async_with(TaskGroup{}, []() -> Task<> { co_return; });
  CHECK_FALSE(other_ran);
  marker.cancel();  // it refers to this frame
}

GROUP_TEST("task group: tasks may be added while the scope waits", "[TGR-01][TGR-05]") {
  Trace trace;
  auto late = [&trace]() -> Task<> {
    co_await turns(3);
    trace.push_back("late");
  };
  auto adds = [&](TaskGroup& tg) -> Task<> {
    co_await turns(2);
    tg.create_task(late());
    trace.push_back("added");
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(adds(tg));
    trace.push_back("body");
    co_return;
  };
  co_await group(body);
  CHECK(trace == Trace{"body", "added", "late"});
}

GROUP_TEST("task group: is entered once", "[TGR-02]") {
  TaskGroup tg;
  std::string nested;
  auto inner = []() -> Task<> { co_return; };
  co_await async_with(
      tg, [&](TaskGroup& same) -> Task<> { nested = co_await ending(async_with(same, inner)); });
  CHECK(nested == "RuntimeError(TaskGroup <TaskGroup entered> has already been entered)");
  const std::string again = co_await ending(async_with(tg, inner));
  CHECK(again == "RuntimeError(TaskGroup <TaskGroup entered> has already been entered)");
}

GROUP_TEST("task group: needs a parent task, and stays usable without one", "[TGR-02]") {
  TaskGroup tg;
  std::string how;
  get_running_loop().call_soon([&] {
    try {
      tg.aenter();
    } catch (...) {
      how = describe(std::current_exception());
    }
  });
  co_await turns(1);
  CHECK(how == "RuntimeError(TaskGroup <TaskGroup> cannot determine the parent task)");
  co_await async_with(tg, []() -> Task<> { co_return; });
}

GROUP_TEST("task group: create_task takes the options of the free function", "[TGR-03]") {
  ContextVar<int> variable("variable", 0);
  Context context;
  std::string name;
  auto sets = [&]() -> Task<> {
    name = current_task().get_name();
    variable.set(5);
    co_return;
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    const Context shared = context.share();
    co_await tg.create_task(sets(), {.name = "child", .context = &shared});
    auto eager = tg.create_task(gives(1), {.eager_start = true});
    CHECK(eager.done());
    auto lazy = tg.create_task(gives(2), {.eager_start = false});
    CHECK_FALSE(lazy.done());
    auto of_callable = tg.create_task([] { return gives(3); });
    const int value = co_await of_callable;
    CHECK(value == 3);
  };
  co_await group(body);
  CHECK(name == "child");
  CHECK(context.run([&] { return variable.get(); }) == 5);
  CHECK(variable.get() == 0);
}

GROUP_TEST("task group: refuses tasks before, after, and while it is shutting down", "[TGR-04]") {
  TaskGroup tg;
  CHECK(refusal(tg) == "RuntimeError(TaskGroup <TaskGroup> has not been entered)");
  Trace refusals;
  const std::string how = co_await ending(async_with(tg, [&](TaskGroup& same) -> Task<> {
    same.create_task(fails("no"));
    static_cast<void>(co_await cancellation());
    refusals.push_back(refusal(same));
  }));
  CHECK(how == "ExceptionGroup[invalid_argument(no)]");
  CHECK(refusals ==
        Trace{"RuntimeError(TaskGroup <TaskGroup errors=1 cancelling> is shutting down)"});
  CHECK(refusal(tg) == "RuntimeError(TaskGroup <TaskGroup cancelling> is finished)");
}

GROUP_TEST("task group: refuses tasks when it is exiting and none is left", "[TGR-04]") {
  TaskGroup tg;
  std::string how;
  auto body = [&](TaskGroup& same) -> Task<> {
    auto child = same.create_task(turns(1));
    child.add_done_callback([&how, &same](const AnyTask&) { how = refusal(same); });
    co_return;
  };
  co_await async_with(tg, body);
  CHECK(how == "RuntimeError(TaskGroup <TaskGroup entered> is finished)");
}

/// Makes children of its own for ever.
Task<> breeds(TaskGroup& tg) {
  for (;;) {
    co_await turns(1);
    tg.create_task(breeds(tg));
    co_await turns(1);
  }
}

GROUP_TEST("task group: one failure stops tasks that keep making tasks", "[TGR-05][TGR-06]") {
  auto body = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(breeds(tg));
    tg.create_task(fails("stop", 8));
    co_return;
  };
  const std::string how = co_await ending(group(body));
  CHECK(how.starts_with("ExceptionGroup[invalid_argument(stop)"));
  CHECK(all_tasks().size() == 1);
}

// --- failures ------------------------------------------------------------------------------------

GROUP_TEST("task group: the first failure cancels the siblings and the body", "[TGR-06][TGR-13]") {
  std::optional<TaskHandle<>> sibling;
  int cancelling = -1;
  std::string of_body;
  auto body = [&](TaskGroup& tg) -> Task<> {
    sibling = tg.create_task(cleans_up(3));
    tg.create_task(fails("no", 1));
    const std::exception_ptr error = co_await cancellation();
    cancelling = current_task().cancelling();
    of_body = describe(error);
    std::rethrow_exception(error);
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(no)]");
  CHECK(sibling->cancelled());
  CHECK(of_body == "CancelledError");
  CHECK(cancelling == 1);
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);  // the cancellation has not leaked out
}

GROUP_TEST("task group: siblings are cancelled in the order of their creation", "[TGR-06]") {
  Trace trace;
  auto sibling = [&trace](std::string who) -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    trace.push_back(who);
    std::rethrow_exception(error);
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    for (const char* who : {"a", "b", "c", "d"}) tg.create_task(sibling(who));
    tg.create_task(fails("no", 2));
    co_return;
  };
  static_cast<void>(co_await as_outcome(group(body)));
  CHECK(trace == Trace{"a", "b", "c", "d"});
}

GROUP_TEST("task group: a failure while the parent waits in the exit is absorbed", "[TGR-06]") {
  std::optional<TaskHandle<>> sibling;
  auto body = [&](TaskGroup& tg) -> Task<> {
    sibling = tg.create_task(cleans_up(4));
    tg.create_task(fails("no", 2));
    co_return;
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(no)]");
  CHECK(sibling->cancelled());
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);
}

GROUP_TEST("task group: a child that ends cancelled does not fail the group", "[TGR-07]") {
  std::optional<TaskHandle<>> cancelled;
  std::optional<TaskHandle<int>> sibling;
  auto raises = []() -> Task<> {
    throw CancelledError();
    co_return;
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    cancelled = tg.create_task(endless());
    tg.create_task(raises());
    sibling = tg.create_task(gives(3, 4));
    co_await turns(1);
    cancelled->cancel();
  };
  co_await group(body);
  CHECK(cancelled->cancelled());
  CHECK(sibling->result() == 3);
}

GROUP_TEST("task group: the body's failure cancels the tasks and joins theirs",
           "[TGR-08][TGR-09]") {
  std::optional<TaskHandle<>> clean;
  auto body = [&](TaskGroup& tg) -> Task<> {
    clean = tg.create_task(cleans_up(1));
    tg.create_task(fails_when_cancelled("child", 3));
    co_await turns(1);
    throw RuntimeError("body");
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(child), RuntimeError(body)]");
  CHECK(clean->cancelled());
}

GROUP_TEST("task group: a CancelledError that the body raises does not join", "[TGR-08]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails_when_cancelled("child"));
    co_await turns(1);
    throw CancelledError("body's own");
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(child)]");

  auto alone = [](TaskGroup& tg) -> Task<> {
    tg.create_task(endless());
    co_await turns(1);
    throw CancelledError("body's own");
  };
  const std::string bare = co_await ending(group(alone));
  CHECK(bare == "CancelledError(body's own)");
}

GROUP_TEST("task group: the failures come in order of completion, under Python's name",
           "[TGR-09]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails_when_cancelled("last", 4));
    tg.create_task(fails_when_cancelled("second", 2));
    tg.create_task(fails("first", 1));
    co_return;
  };
  std::vector<std::string> members;
  std::string message;
  bool nests = true;
  try {
    co_await group(body);
  } catch (const ExceptionGroup& error) {
    message = error.message();
    for (const std::exception_ptr& member : error.exceptions()) members.push_back(describe(member));
    nests = dynamic_cast<const std::nested_exception*>(&error) != nullptr;
  }
  CHECK(message == "unhandled errors in a TaskGroup");
  CHECK(members ==
        Trace{"invalid_argument(first)", "invalid_argument(second)", "invalid_argument(last)"});
  CHECK_FALSE(nests);
}

/// Not a std::exception, as a class derived from BaseException.
struct Custom {};

GROUP_TEST("task group: what is no std::exception makes a BaseExceptionGroup", "[TGR-09]") {
  auto custom = []() -> Task<> {
    throw Custom();
    co_return;
  };
  auto body = [&custom](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("plain"));
    tg.create_task(custom());
    co_return;
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "BaseExceptionGroup[invalid_argument(plain), another exception]");
}

GROUP_TEST(
    "task group: KeyboardInterrupt and SystemExit leave bare, what they displace is reported",
    "[TGR-10]") {
  for (const bool exits : {true, false}) {
    Reports reports;
    std::optional<TaskHandle<>> child;
    auto body = [&](TaskGroup& tg) -> Task<> {
      child = tg.create_task(cleans_up(2));
      tg.create_task(fails_when_cancelled("displaced"));
      co_await turns(1);
      if (exits) throw SystemExit(3);
      throw KeyboardInterrupt();
    };
    const std::string how = co_await ending(group(body));
    CHECK(how == (exits ? "SystemExit" : "KeyboardInterrupt"));
    CHECK(child->cancelled());
    CHECK(reports.messages() == Trace{"an error of a TaskGroup was displaced by KeyboardInterrupt "
                                      "or SystemExit: invalid_argument(displaced)"});
    CHECK(current_task().cancelling() == 0);
  }
}

TEST_CASE("task group: a task's SystemExit stops the loop, and the group gives it bare",
          "[TGR-10]") {
  EventLoop loop(Backend::epoll);
  bool cleaned_up = false;
  auto exits = []() -> Task<> {
    co_await turns(1);
    throw SystemExit(3);
  };
  auto sibling = [&cleaned_up]() -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    co_await turns(2);
    cleaned_up = true;
    std::rethrow_exception(error);
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(sibling());
    tg.create_task(exits());
    co_return;
  };
  int cancelling = -1;
  auto parent = [&]() -> Task<std::string> {
    const std::string how = co_await ending(group(body));
    cancelling = current_task().cancelling();
    co_return how;
  };
  auto task = loop.create_task(parent());
  CHECK_THROWS_AS(loop.run_until_complete(task), SystemExit);
  CHECK_FALSE(task.done());
  CHECK(loop.run_until_complete(task) == "SystemExit");
  CHECK(cleaned_up);
  CHECK(cancelling == 0);  // the group undoes its own request, unlike Python's
}

// --- cancellation of the parent ------------------------------------------------------------------

GROUP_TEST("task group: the parent is cancelled in the body", "[TGR-11]") {
  std::optional<TaskHandle<>> child;
  auto body = [&child](TaskGroup& tg) -> Task<> {
    child = tg.create_task(cleans_up(3));
    co_await endless();
  };
  auto parent = create_task(group(body));
  co_await turns(2);
  parent.cancel("outer");
  const std::string how = co_await ending(parent);
  CHECK(how == "CancelledError(outer)");
  CHECK(child->cancelled());
  CHECK(parent.cancelling() == 1);
}

GROUP_TEST("task group: the parent is cancelled in the body, and a child fails in its clean-up",
           "[TGR-11]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails_when_cancelled("child", 1));
    co_await endless();
  };
  auto parent = create_task(group(body));
  co_await turns(2);
  parent.cancel();
  const std::string how = co_await ending(parent);
  CHECK(how == "ExceptionGroup[invalid_argument(child)]");
}

GROUP_TEST("task group: the parent is cancelled in the exit, again and again", "[TGR-12]") {
  std::optional<TaskHandle<>> child;
  auto body = [&child](TaskGroup& tg) -> Task<> {
    child = tg.create_task(cleans_up(9));
    co_return;
  };
  auto parent = create_task(group(body));
  co_await turns(2);
  for (int i = 0; i < 3; ++i) {
    parent.cancel();
    co_await turns(2);
    CHECK_FALSE(parent.done());  // the child is not abandoned
  }
  const std::string how = co_await ending(parent);
  CHECK(how == "CancelledError");
  CHECK(child->cancelled());
  CHECK(parent.cancelling() == 3);
}

GROUP_TEST("task group: of several cancellations in the exit the first is raised", "[TGR-12]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(cleans_up(9));
    co_return;
  };
  auto parent = create_task(group(body));
  co_await turns(2);
  for (const char* text : {"first", "second", "third"}) {
    parent.cancel(text);
    co_await turns(2);
  }
  const std::string how = co_await ending(parent);
  CHECK(how == "CancelledError(first)");
}

GROUP_TEST("task group: the same where the body swallowed the group's own", "[TGR-12][TGR-22]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(cleans_up(9));
    co_await turns(1);
    tg.cancel();
    static_cast<void>(co_await as_outcome(endless()));
  };
  auto parent = create_task(group(body));
  co_await turns(4);
  for (const char* text : {"first", "second"}) {
    parent.cancel(text);
    co_await turns(2);
  }
  const std::string how = co_await ending(parent);
  CHECK(how == "CancelledError(first)");
}

GROUP_TEST("task group: a cancellation while it drains reaches the parent at its next await",
           "[TGR-12][TGR-14]") {
  std::string of_group;
  std::string of_next_await;
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(cleans_up(6));
    tg.create_task(fails("no", 1));
    co_return;
  };
  auto survives = [&]() -> Task<> {
    of_group = co_await ending(group(body));
    CHECK(current_task().cancelling() == 1);
    of_next_await = co_await ending(sleep(0s));
  };
  auto parent = create_task(survives());
  co_await turns(6);
  parent.cancel();
  co_await parent;
  CHECK(of_group == "ExceptionGroup[invalid_argument(no)]");
  CHECK(of_next_await == "CancelledError");
}

GROUP_TEST("task group: keeps the cancel count it found", "[TGR-13]") {
  int inside = -1;
  int after = -1;
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("no", 1));
    co_await endless();
  };
  auto cleans = [&]() -> Task<> {
    static_cast<void>(co_await cancellation());
    inside = current_task().cancelling();
    static_cast<void>(co_await as_outcome(group(body)));
    after = current_task().cancelling();
  };
  auto task = create_task(cleans());
  co_await turns(1);
  task.cancel();
  static_cast<void>(co_await as_outcome(task));
  CHECK(inside == 1);
  CHECK(after == 1);
}

GROUP_TEST("task group: a failure and a foreign cancellation keep the count and the request",
           "[TGR-14]") {
  Trace trace;
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("no", 2));
    co_await endless();
  };
  auto parent = [&]() -> Task<> {
    trace.push_back(co_await ending(group(body)));
    trace.push_back(std::to_string(current_task().cancelling()));
    trace.push_back(co_await ending(turns(1)));
    trace.push_back(std::to_string(current_task().cancelling()));
  };
  std::optional<TaskHandle<>> task = create_task(parent());
  co_await turns(3);
  task->cancel();
  co_await *task;
  REQUIRE(trace.size() == 4);
  // Eagerly the child fails a turn earlier: then the request finds the group drained already.
  CHECK(trace[1] == "1");
  CHECK(trace[3] == "1");
}

// --- nesting -------------------------------------------------------------------------------------

GROUP_TEST("task group: nested groups that both fail", "[TGR-15]") {
  std::string of_inner;
  int between = -1;
  auto inner = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails_when_cancelled("inner", 1));
    co_await endless();
  };
  auto outer = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("outer", 2));
    of_inner = co_await ending(group(inner));
    between = current_task().cancelling();
    co_await turns(1);  // raises the outer group's request
  };
  const std::string how = co_await ending(group(outer));
  CHECK(of_inner == "ExceptionGroup[invalid_argument(inner)]");
  CHECK(between == 1);
  CHECK(how == "ExceptionGroup[invalid_argument(outer)]");
  CHECK(current_task().cancelling() == 0);
}

GROUP_TEST("task group: the outer group's failure passes through the waiting inner one",
           "[TGR-15]") {
  std::string of_inner;
  auto inner = [](TaskGroup& tg) -> Task<> {
    tg.create_task(endless());
    co_return;
  };
  auto outer = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("outer", 2));
    const Outcome<void> outcome = co_await as_outcome(group(inner));
    of_inner = describe(outcome);
    static_cast<void>(outcome.value());  // rethrows
  };
  const std::string how = co_await ending(group(outer));
  CHECK(of_inner == "CancelledError");
  CHECK(how == "ExceptionGroup[invalid_argument(outer)]");
}

GROUP_TEST("task group: the inner group's failure is one of the outer group's", "[TGR-15]") {
  auto inner = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("inner", 1));
    co_return;
  };
  auto outer = [&](TaskGroup& tg) -> Task<> {
    tg.create_task(endless());
    co_await group(inner);
  };
  const std::string how = co_await ending(group(outer));
  CHECK(how == "ExceptionGroup[ExceptionGroup[invalid_argument(inner)]]");
}

GROUP_TEST("task group: a body that answers the request with an error of its own", "[TGR-16]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("child", 1));
    co_await fails_when_cancelled("body");
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(child), invalid_argument(body)]");
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);
}

GROUP_TEST("task group: a body that swallows the request goes on, and the group fails all the same",
           "[TGR-17]") {
  Trace trace;
  auto body = [&trace](TaskGroup& tg) -> Task<> {
    tg.create_task(fails("child", 1));
    static_cast<void>(co_await cancellation());
    co_await turns(1);
    trace.push_back("went on");
    trace.push_back(refusal(tg));
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(child)]");
  CHECK(trace == Trace{"went on",
                       "RuntimeError(TaskGroup <TaskGroup errors=1 cancelling> is shutting down)"});
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("task group: a child that fails after its parent has ended is reported",
                   "[TGR-18]") {
  Reports reports;
  TaskGroup tg;
  auto parent = [&tg]() -> Task<> {
    tg.aenter();  // and never left
    tg.create_task(fails("orphan", 3));
    co_return;
  };
  co_await create_task(parent());
  co_await turns(6);
  CHECK(reports.messages() ==
        Trace{"a task of a TaskGroup has errored out but its parent task is already completed: "
              "invalid_argument(orphan)"});
}

GROUP_TEST("task group: waits for the last of many", "[TGR-19]") {
  Trace trace;
  auto child = [&trace](int n) -> Task<> {
    co_await turns(n);
    trace.push_back(std::to_string(n));
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    for (const int n : {4, 2, 3, 1}) tg.create_task(child(n));
    co_return;
  };
  co_await group(body);
  CHECK(trace == Trace{"1", "2", "3", "4"});
}

GROUP_TEST("task group: a timeout around it is translated", "[TGR-20]") {
  std::optional<TaskHandle<>> child;
  auto body = [&child](TaskGroup& tg) -> Task<> {
    child = tg.create_task(cleans_up(2));
    co_return;
  };
  const std::string how = co_await ending(async_with(timeout(1s), [&] { return group(body); }));
  CHECK(how == "TimeoutError");
  CHECK(child->cancelled());
  CHECK(current_task().cancelling() == 0);
}

GROUP_TEST("task group: a timeout inside it ends the body with TimeoutError", "[TGR-20]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(endless());
    co_await async_with(timeout(1s), &endless);
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[TimeoutError]");
}

GROUP_TEST("task group: holds nothing once it has ended", "[TGR-21]") {
  Counted<Tag>::count.reset();
  auto value = std::make_shared<Counted<Tag>>();
  TaskGroup tg;
  auto child = [](std::shared_ptr<Counted<Tag>> kept) -> Task<> {
    co_await turns(1);
    throw std::invalid_argument(std::to_string(kept->value()));
  };
  auto body = [&](TaskGroup& same) -> Task<> {
    same.create_task(child(value));
    co_return;
  };
  const std::string how = co_await ending(async_with(tg, body));
  CHECK(how == "ExceptionGroup[invalid_argument(0)]");
  CHECK(value.use_count() == 1);
  value.reset();
  CHECK(Counted<Tag>::count.alive() == 0);
}

// --- cancel(): from Python's main branch ---------------------------------------------------------

GROUP_TEST("task group: cancel() ends the tasks and the body, without an error", "[TGR-22]") {
  std::optional<TaskHandle<>> child;
  bool went_on = false;
  auto body = [&](TaskGroup& tg) -> Task<> {
    child = tg.create_task(cleans_up(2));
    co_await turns(2);
    tg.cancel();
    tg.cancel();
    co_await turns(1);
    went_on = true;
  };
  co_await group(body);
  CHECK(child->cancelled());
  CHECK_FALSE(went_on);
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);
}

GROUP_TEST("task group: cancel() by a child, in the body and in the exit", "[TGR-22]") {
  for (const bool in_body : {true, false}) {
    auto cancels = [](TaskGroup& tg) -> Task<> {
      co_await turns(3);
      tg.cancel();
    };
    std::optional<TaskHandle<>> sibling;
    auto body = [&](TaskGroup& tg) -> Task<> {
      tg.create_task(cancels(tg));
      sibling = tg.create_task(endless());
      if (in_body) co_await endless();
    };
    co_await group(body);
    CHECK(sibling->cancelled());
    CHECK(current_task().cancelling() == 0);
  }
}

GROUP_TEST("task group: cancel() before the entry lets the body run to its first suspension",
           "[TGR-22]") {
  TaskGroup tg;
  tg.cancel();
  Trace trace;
  co_await async_with(std::move(tg), [&](TaskGroup& entered) -> Task<> {
    trace.push_back(refusal(entered));
    co_await turns(1);
    trace.push_back("never");
  });
  CHECK(trace == Trace{"RuntimeError(TaskGroup <TaskGroup cancelling> is shutting down)"});
  CHECK(current_task().cancelling() == 0);
}

GROUP_TEST("task group: cancel() does nothing once the group has ended", "[TGR-22]") {
  TaskGroup tg;
  co_await async_with(tg, []() -> Task<> { co_return; });
  tg.cancel();
  CHECK(current_task().cancelling() == 0);
  co_await turns(1);
}

GROUP_TEST("task group: cancel() lets other errors through", "[TGR-22]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(fails_when_cancelled("clean-up"));
    co_await turns(1);
    tg.cancel();
    co_await endless();
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(clean-up)]");
}

GROUP_TEST("task group: a foreign cancellation while a cancelled group drains is not dropped",
           "[TGR-22][TGR-12]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(cleans_up(4));
    co_await turns(1);
    tg.cancel();
    co_await endless();
  };
  auto parent = create_task(group(body));
  co_await turns(4);
  CHECK_FALSE(parent.done());
  parent.cancel("foreign");
  const std::string how = co_await ending(parent);
  CHECK(how == "CancelledError(foreign)");
  CHECK(parent.cancelling() == 1);
}

GROUP_TEST("task group: a body that gives a value has none when the group was cancelled",
           "[TGR-22]") {
  auto body = [](TaskGroup& tg) -> Task<int> {
    tg.cancel();
    co_await turns(1);
    co_return 1;
  };
  const std::optional<int> result = co_await group(body);
  CHECK(result == std::nullopt);
}

// --- eager tasks ---------------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("task group: an eager failure cancels the body at its next await", "[EAG-09]") {
  get_running_loop().set_task_factory(eager_task_factory);
  Trace trace;
  auto body = [&trace](TaskGroup& tg) -> Task<> {
    auto child = tg.create_task(fails("eager"));
    trace.push_back(child.done() ? "done" : "pending");
    trace.push_back(refusal(tg));  // the failure has not been processed yet
    co_await turns(2);
    trace.push_back("never");
  };
  const std::string how = co_await ending(group(body));
  CHECK(how == "ExceptionGroup[invalid_argument(eager)]");
  CHECK(trace == Trace{"done", "accepted"});
}

ASYNC_VIRTUAL_TEST(
    "task group: an eager task that ends the group in its first step is cancelled too",
    "[EAG-09]") {
  get_running_loop().set_task_factory(eager_task_factory);
  std::optional<TaskHandle<>> child;
  auto cancels = [](TaskGroup& tg) -> Task<> {
    tg.cancel();
    co_await endless();
  };
  auto body = [&](TaskGroup& tg) -> Task<> {
    child = tg.create_task(cancels(tg));
    co_await endless();
  };
  co_await group(body);
  CHECK(child->cancelled());
}

GROUP_TEST("task group: the body's error is kept when the group is cancelled while it drains",
           "[TGR-12]") {
  auto body = [](TaskGroup& tg) -> Task<> {
    tg.create_task(cleans_up(4));
    co_await turns(1);
    throw std::invalid_argument("of the body");
  };
  auto parent = create_task(group(body));
  co_await turns(4);
  CHECK_FALSE(parent.done());
  parent.cancel("foreign");
  bool is_kept = false;
  try {
    co_await parent;
  } catch (const ExceptionGroup& errors) {
    is_kept = errors.subgroup<std::invalid_argument>().has_value();
  }
  CHECK(is_kept);
}

ASYNC_VIRTUAL_TEST("task group: to_string tells how many tasks and errors, and the state",
                   "[TGR-23]") {
  TaskGroup group;
  CHECK(to_string(group) == "<TaskGroup>");
  auto body = [](TaskGroup& entered) -> Task<> {
    CHECK(to_string(entered) == "<TaskGroup entered>");
    auto stubborn = []() -> Task<> {
      static_cast<void>(co_await as_outcome(sleep(1h)));
      co_await sleep(1h);
    };
    auto failing = []() -> Task<> {
      co_await sleep(0s);
      throw std::invalid_argument("x");
    };
    entered.create_task(stubborn);
    entered.create_task(failing);
    CHECK(to_string(entered) == "<TaskGroup tasks=2 entered>");
    static_cast<void>(co_await as_outcome(sleep(1h)));
    CHECK(to_string(entered) == "<TaskGroup tasks=1 errors=1 cancelling>");
  };
  const std::string how = co_await ending(async_with(group, body));
  CHECK(how.find("invalid_argument(x)") != std::string::npos);
}

}  // namespace

}  // namespace task_group_test

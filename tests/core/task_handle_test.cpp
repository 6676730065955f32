#include <asyncio/core/task_handle.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <unordered_set>

namespace task_handle_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

// --- creation ------------------------------------------------------------------------------------

TEST_CASE("create_task: without a running loop throws and destroys the coroutine unstarted",
          "[TASK-01][TASK-03]") {
  Item::count().reset();
  bool started = false;
  auto work = [&started](Item) -> Task<> {
    started = true;
    co_return;
  };
  CHECK_THROWS_AS(create_task(work(Item(1))), RuntimeError);
  CHECK_FALSE(started);
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("create_task: returns before the body starts", "[TASK-01]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    trace.push_back("body");
    co_return;
  };
  auto task = create_task(work());
  trace.push_back("created");
  CHECK_FALSE(task.done());
  co_await task;
  CHECK(trace == Trace{"created", "body"});
}

ASYNC_VIRTUAL_TEST("create_task: takes other awaitables and callables", "[CORO-08]") {
  auto future = get_running_loop().create_future<int>();
  auto of_future = create_task(future);
  auto of_sleep = create_task(sleep(1h, 2));
  auto of_callable = create_task([] { return gives(3); });
  future.set_result(1);
  const int a = co_await of_future;
  const int b = co_await of_sleep;
  const int c = co_await of_callable;
  CHECK((a == 1 && b == 2 && c == 3));
}

ASYNC_VIRTUAL_TEST("create_task: keeps a callable, with its captures, as long as it runs") {
  Item::count().reset();
  {
    auto task = create_task([item = Item(7)]() -> Task<int> {
      co_await turns(3);
      co_return item.value();
    });
    co_await turns(2);
    CHECK(Item::count().alive() == 1);
    const int value = co_await task;
    CHECK(value == 7);
    CHECK(Item::count().alive() == 0);
  }
}

TEST_CASE("create_task: on a closed loop throws and destroys the coroutine", "[TASK-03]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  loop->close();
  auto work = [](Item) -> Task<> { co_return; };
  CHECK_THROWS_AS(loop->create_task(work(Item(1))), RuntimeError);
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("create_task: a factory that throws leaves nothing behind", "[TASK-03]") {
  Item::count().reset();
  EventLoop& loop = get_running_loop();
  loop.set_debug(true);
  Reports reports;
  loop.set_task_factory(
      [](EventLoop&, UnstartedTask) -> AnyTask { throw std::invalid_argument("no tasks today"); });
  auto work = [](Item) -> Task<> { co_return; };
  CHECK_THROWS_AS(create_task(work(Item(1))), std::invalid_argument);
  loop.set_task_factory(nullptr);
  CHECK(Item::count().alive() == 0);
  CHECK(all_tasks().size() == 1);
  CHECK(reports.messages().empty());
  co_return;
}

ASYNC_VIRTUAL_TEST("task: tasks and callbacks start in the order of their creation", "[TASK-04]") {
  Trace trace;
  auto work = [&trace](std::string who) -> Task<> {
    trace.push_back(who);
    co_return;
  };
  create_task(work("task 1"));
  get_running_loop().call_soon([&trace] { trace.push_back("callback"); });
  create_task(work("task 2"));
  co_await turns(1);
  CHECK(trace == Trace{"task 1", "callback", "task 2"});
}

// --- life ----------------------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("task: runs to its end without any handle", "[TASK-05]") {
  bool finished = false;
  auto work = [&finished]() -> Task<> {
    co_await sleep(1h);
    finished = true;
  };
  create_task(work());
  co_await sleep(2h);
  CHECK(finished);
}

ASYNC_VIRTUAL_TEST("task: its frame and parameters go when it ends, its result with the handle") {
  Item::count().reset();
  auto work = [](Item item) -> Task<Item> {
    co_await turns(1);
    co_return Item(item.value() + 1);
  };
  {
    auto task = create_task(work(Item(1)));
    co_await task;
    CHECK(Item::count().alive() == 1);
    CHECK(task.result().value() == 2);
  }
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("task: a result that nobody takes is destroyed") {
  Item::count().reset();
  auto work = []() -> Task<Item> { co_return Item(1); };
  create_task(work());
  co_await turns(2);
  CHECK(Item::count().constructed > 0);
  CHECK(Item::count().alive() == 0);
}

TEST_CASE("task: closing the loop reports and destroys pending tasks", "[TASK-06]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  auto work = [](Item) -> Task<> { co_await endless(); };
  auto task = loop->create_task(work(Item(1)), {.name = "left over"});
  loop->run_once();
  Trace reports;
  loop->set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
    reports.push_back(std::string(context.message) + " " + context.task.get_name());
    CHECK(context.future == task);
    CHECK(context.where.line() == task.made_at().line());
  });
  loop->close();
  CHECK(reports == Trace{"Task was destroyed but it is pending! left over"});
  CHECK(Item::count().alive() == 0);
  CHECK_FALSE(task.done());
}

TEST_CASE("task: closing the loop destroys tasks that never started", "[TASK-06]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  bool started = false;
  auto work = [&started](Item) -> Task<> {
    started = true;
    co_return;
  };
  loop->create_task(work(Item(1)));
  loop->close();
  CHECK_FALSE(started);
  CHECK(Item::count().alive() == 0);
}

TEST_CASE("task: a handle may outlive the loop") {
  auto loop = testing::new_event_loop();
  auto task = loop->create_task(gives(std::string("kept")));
  loop->run_until_complete(task);
  loop.reset();
  CHECK(task.result() == "kept");
}

// --- identity ------------------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("task: default names count upwards", "[TASK-07]") {
  auto number = [](const std::string& name) {
    CHECK(name.substr(0, 5) == "Task-");
    return std::stoull(name.substr(5));
  };
  auto first = create_task(turns(1));
  auto named = create_task(turns(1), {.name = "worker"});
  auto second = create_task(turns(1));
  CHECK(number(second.get_name()) == number(first.get_name()) + 1);
  CHECK(named.get_name() == "worker");
  co_return;
}

ASYNC_VIRTUAL_TEST("task: the name is copied, and can be changed", "[TASK-07]") {
  std::string name = "before";
  auto task = create_task(turns(1), {.name = name});
  name = "something else";
  CHECK(task.get_name() == "before");
  task.set_name("after");
  CHECK(task.get_name() == "after");
  CHECK(AnyTask(task).get_name() == "after");
  co_return;
}

ASYNC_VIRTUAL_TEST("task: knows its loop and where it was made", "[TASK-09]") {
  auto task = create_task(turns(1));
  const unsigned line = __LINE__ - 1;
  CHECK(&task.get_loop() == &get_running_loop());
  CHECK(task.made_at().line() == line);
  co_return;
}

ASYNC_VIRTUAL_TEST("task: handles compare by identity and hash") {
  auto a = create_task(turns(1));
  auto b = create_task(turns(1));
  auto copy = a;
  CHECK(copy == a);
  CHECK_FALSE(a == b);
  CHECK(AnyTask(a) == AnyTask(copy));
  std::unordered_set<TaskHandle<>> set{a, b, copy};
  CHECK(set.size() == 2);
  co_return;
}

ASYNC_VIRTUAL_TEST("current_task: is the one that runs, also after others did", "[TASK-18]") {
  Trace trace;
  auto work = [&trace](std::string name) -> Task<> {
    for (int i = 0; i < 2; ++i) {
      CHECK(current_task().get_name() == name);
      trace.push_back(name);
      co_await turns(1);
    }
  };
  const AnyTask self = current_task();
  auto a = create_task(work("a"), {.name = "a"});
  auto b = create_task(work("b"), {.name = "b"});
  co_await a;
  co_await b;
  CHECK(trace == Trace{"a", "b", "a", "b"});
  CHECK(current_task() == self);
}

ASYNC_VIRTUAL_TEST("current_task: is empty in a plain callback", "[TASK-18]") {
  bool empty = false;
  get_running_loop().call_soon([&empty] { empty = !current_task(); });
  co_await turns(1);
  CHECK(empty);
}

TEST_CASE("current_task: needs a running loop", "[TASK-18]") {
  CHECK_THROWS_AS(static_cast<void>(current_task()), RuntimeError);
  CHECK_THROWS_AS(static_cast<void>(all_tasks()), RuntimeError);
}

ASYNC_VIRTUAL_TEST("all_tasks: the unfinished ones, in order of creation", "[TASK-19]") {
  const AnyTask self = current_task();
  auto brief = create_task(turns(1));
  auto longer = create_task(turns(9));
  CHECK(all_tasks() == std::vector<AnyTask>{self, brief, longer});
  co_await brief;
  CHECK(all_tasks() == std::vector<AnyTask>{self, longer});
  CHECK(all_tasks(get_running_loop()).size() == 2);
}

ASYNC_VIRTUAL_TEST("ensure_future: gives futures and tasks back, schedules the rest", "[TASK-21]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(gives(1));
  CHECK(ensure_future(future) == future);
  CHECK(ensure_future(task) == task);
  auto made = ensure_future(gives(2));
  CHECK(isfuture(made));
  const int value = co_await made;
  CHECK(value == 2);
  const int slept = co_await ensure_future(sleep(1h, 3));
  CHECK(slept == 3);
}

ASYNC_VIRTUAL_TEST("task factory: sees every task of the loop with its options", "[TASK-22]") {
  EventLoop& loop = get_running_loop();
  Trace trace;
  CHECK_FALSE(loop.get_task_factory());
  loop.set_task_factory([&](EventLoop& in, UnstartedTask task) {
    CHECK(&in == &loop);
    AnyTask started = std::move(task).start();
    trace.push_back(started.get_name());
    return started;
  });
  CHECK(loop.get_task_factory());
  const int a = co_await create_task(gives(1), {.name = "named"});
  const int b = co_await loop.create_task(gives(2), {.name = "of the loop"});
  loop.set_task_factory(nullptr);
  const int c = co_await create_task(gives(3), {.name = "unseen"});
  CHECK((a == 1 && b == 2 && c == 3));
  CHECK(trace == Trace{"named", "of the loop"});
}

// --- the end -------------------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("task: reading it early throws InvalidStateError", "[TASK-10]") {
  auto task = create_task(gives(1, 1));
  CHECK_FALSE(task.done());
  CHECK_FALSE(task.cancelled());
  CHECK_THROWS_AS(task.result(), InvalidStateError);
  CHECK_THROWS_AS(static_cast<void>(task.exception()), InvalidStateError);
  co_await task;
  CHECK(task.done());
  CHECK_FALSE(task.cancelled());
  CHECK(task.result() == 1);
  CHECK(task.exception() == nullptr);
}

ASYNC_VIRTUAL_TEST("task: holds the exception of its coroutine", "[TASK-10]") {
  auto task = create_task(fails<int>("wrong"));
  const std::string how = co_await ending(task);
  CHECK(how == "invalid_argument(wrong)");
  CHECK_THROWS_AS(task.result(), std::invalid_argument);
  CHECK(describe(task.exception()) == "invalid_argument(wrong)");
  CHECK_FALSE(task.cancelled());
}

ASYNC_VIRTUAL_TEST("task: an lvalue handle gives a reference, again and again") {
  auto task = create_task(gives(std::string("text")));
  std::string& first = co_await task;
  std::string& second = co_await task;
  CHECK(first == "text");
  CHECK(&first == &second);
  CHECK(&first == &task.result());
}

ASYNC_VIRTUAL_TEST("task: an rvalue handle gives the result, moved out") {
  auto work = []() -> Task<Item> { co_return Item(5); };
  const Item fresh = co_await create_task(work());
  CHECK(fresh.value() == 5);
  auto task = create_task(work());
  const Item given_up = co_await std::move(task);
  CHECK(given_up.value() == 5);
}

ASYNC_VIRTUAL_TEST("task: references as results") {
  int target = 1;
  auto work = [&target]() -> Task<int&> { co_return target; };
  auto task = create_task(work());
  int& result = co_await task;
  CHECK(&result == &target);
  CHECK(&task.result() == &target);
  int& moved = co_await create_task(work());
  CHECK(&moved == &target);
}

struct ThrowsWhenMoved {
  ThrowsWhenMoved() = default;
  ThrowsWhenMoved(ThrowsWhenMoved&& other) : moves(other.moves + 1) {
    if (moves > 1) throw std::invalid_argument("moved");
  }
  int moves = 0;
};

ASYNC_VIRTUAL_TEST("task: a result that cannot be moved out of the frame is a failure") {
  auto work = []() -> Task<ThrowsWhenMoved> { co_return ThrowsWhenMoved(); };
  auto task = create_task(work());
  co_await turns(2);
  CHECK(describe(task) == "invalid_argument(moved)");
}

ASYNC_VIRTUAL_TEST("task: nobody else sets its outcome", "[TASK-11]") {
  auto task = create_task(gives(1));
  const Future<int> future = task;
  CHECK_THROWS_AS(future.set_result(2), RuntimeError);
  CHECK_THROWS_AS(future.set_exception(std::invalid_argument("no")), RuntimeError);
  const int value = co_await future;
  CHECK(value == 1);
}

ASYNC_VIRTUAL_TEST("task: a failure nobody retrieved is reported with the last handle",
                   "[TASK-12]") {
  Reports reports;
  {
    auto task = create_task(fails("unseen"));
    co_await turns(2);
    CHECK(task.done());
    CHECK(reports.messages().empty());
  }
  CHECK(reports.messages() ==
        Trace{"Task exception was never retrieved: invalid_argument(unseen)"});
}

ASYNC_VIRTUAL_TEST("task: a failure without any handle is reported when the task ends",
                   "[TASK-12]") {
  Reports reports;
  create_task(fails("unseen"));
  co_await turns(1);
  CHECK(reports.messages() ==
        Trace{"Task exception was never retrieved: invalid_argument(unseen)"});
}

ASYNC_VIRTUAL_TEST("task: result, exception and cancel count as retrieval", "[TASK-12]") {
  Reports reports;
  {
    auto a = create_task(fails("a"));
    auto b = create_task(fails("b"));
    auto c = create_task(fails("c"));
    co_await turns(2);
    CHECK_THROWS_AS(a.result(), std::invalid_argument);
    CHECK(b.exception() != nullptr);
    CHECK_FALSE(c.cancel());
  }
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("task: the handler of a lost failure gets the task and may keep it",
                   "[TASK-12]") {
  AnyTask kept;
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler(
      [&kept](EventLoop&, const ExceptionContext& context) { kept = context.task; });
  create_task(fails("unseen"), {.name = "culprit"});
  co_await turns(1);
  loop.set_exception_handler(nullptr);
  CHECK(kept.get_name() == "culprit");
  CHECK(describe(kept.exception()) == "invalid_argument(unseen)");
}

ASYNC_VIRTUAL_TEST("task: a CancelledError that nobody asked for ends it cancelled", "[TASK-13]") {
  auto work = []() -> Task<> {
    co_await turns(1);
    throw CancelledError("own idea");
  };
  auto task = create_task(work());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(own idea)");
  CHECK(task.cancelled());
  CHECK(task.cancelling() == 0);
}

TEST_CASE("task: SystemExit is stored, and comes out of the run", "[TASK-14][RUN-16][EXC-11]") {
  auto loop = testing::new_event_loop();
  auto work = []() -> Task<> {
    co_await turns(1);
    throw SystemExit(3);
  };
  auto task = loop->create_task(work());
  CHECK_THROWS_AS(loop->run_forever(), SystemExit);
  CHECK(describe(task) == "SystemExit");
}

TEST_CASE("task: KeyboardInterrupt is stored, and comes out of the run",
          "[TASK-14][RUN-16][EXC-11]") {
  auto loop = testing::new_event_loop();
  auto work = []() -> Task<> {
    co_await turns(1);
    throw KeyboardInterrupt();
  };
  auto task = loop->create_task(work());
  CHECK_THROWS_AS(loop->run_forever(), KeyboardInterrupt);
  CHECK(describe(task) == "KeyboardInterrupt");
}

ASYNC_VIRTUAL_TEST("task: an exception of any other type is stored", "[TASK-15]") {
  auto work = []() -> Task<> {
    co_await turns(1);
    throw 42;
  };
  auto task = create_task(work());
  int caught = 0;
  try {
    co_await task;
  } catch (int number) {
    caught = number;
  }
  CHECK(caught == 42);
}

ASYNC_VIRTUAL_TEST("task: its done callback gets the handle") {
  auto task = create_task(gives(4));
  TaskHandle<int> seen{detail::Ref<detail::FutureBase>()};
  task.add_done_callback([&seen](TaskHandle<int> done) { seen = done; });
  co_await turns(3);
  CHECK(seen == task);
  CHECK(seen.result() == 4);
}

// --- eager tasks ---------------------------------------------------------------------------------

class Eagerly {
 public:
  Eagerly() { get_running_loop().set_task_factory(eager_task_factory); }
  Eagerly(const Eagerly&) = delete;  // restores once
  Eagerly& operator=(const Eagerly&) = delete;
  ~Eagerly() { get_running_loop().set_task_factory(nullptr); }
};

ASYNC_VIRTUAL_TEST("eager: runs up to the first suspension inside create_task", "[EAG-01]") {
  const Eagerly eagerly;
  Trace trace;
  auto work = [&trace]() -> Task<> {
    trace.push_back("before");
    co_await turns(1);
    trace.push_back("after");
  };
  auto task = create_task(work());
  trace.push_back("created");
  co_await task;
  CHECK(trace == Trace{"before", "created", "after"});
}

TEST_CASE("eager: a loop that does not run schedules as usual", "[EAG-01][EAG-07]") {
  auto loop = testing::new_event_loop();
  bool started = false;
  auto work = [&started]() -> Task<> {
    started = true;
    co_return;
  };
  auto task = loop->create_task(work(), {.eager_start = true});
  CHECK_FALSE(started);
  loop->run_until_complete(task);
  CHECK(started);
}

ASYNC_VIRTUAL_TEST("eager: create_eager_task_factory lets a function see each task",
                   "[EAG-01][TASK-22]") {
  int seen = 0;
  get_running_loop().set_task_factory(
      create_eager_task_factory([&seen](EventLoop&, UnstartedTask&) { ++seen; }));
  auto task = create_task(gives(1));
  get_running_loop().set_task_factory(nullptr);
  CHECK(seen == 1);
  CHECK(task.done());
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: without a suspension it is done on return, and registered nowhere",
                   "[EAG-02]") {
  auto task = create_task(gives(std::string("now")), {.eager_start = true});
  CHECK(task.done());
  CHECK(task.result() == "now");
  CHECK(all_tasks().size() == 1);
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: callbacks of a task that is done already run in the next turn",
                   "[EAG-02]") {
  auto task = create_task(gives(1), {.eager_start = true});
  bool called = false;
  task.add_done_callback([&called](TaskHandle<int>) { called = true; });
  CHECK_FALSE(called);
  co_await turns(1);
  CHECK(called);
}

ASYNC_VIRTUAL_TEST("eager: an awaited eager task that is done takes no turn", "[EAG-02]") {
  bool turned = false;
  auto marker = get_running_loop().call_soon([&turned] { turned = true; });
  const int value = co_await create_task(gives(1), {.eager_start = true});
  CHECK(value == 1);
  CHECK_FALSE(turned);
  marker.cancel();  // it refers to this frame
}

ASYNC_VIRTUAL_TEST("eager: a failure of the eager step is in the task", "[EAG-02]") {
  auto task = create_task(fails("at once"), {.eager_start = true});
  CHECK(describe(task) == "invalid_argument(at once)");
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: once suspended it is cancelled like any other, with the message",
                   "[EAG-03]") {
  auto task = create_task(endless(), {.eager_start = true});
  CHECK(all_tasks().size() == 2);
  CHECK(task.cancel("stop"));
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(stop)");
  CHECK(task.cancelled());
}

ASYNC_VIRTUAL_TEST("eager: cancel after it completed does nothing", "[EAG-04]") {
  auto task = create_task(gives(1), {.eager_start = true});
  CHECK_FALSE(task.cancel());
  CHECK_FALSE(task.cancelled());
  CHECK(task.result() == 1);
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: the eager step runs in the task's context", "[EAG-05][CTX-09]") {
  static const ContextVar<int> var("eager_context", 0);
  const auto token = var.set(1);
  static_cast<void>(token);
  int inherited = 0;
  int later = 0;
  auto work = [&]() -> Task<> {
    inherited = var.get();
    var.set(2);
    co_await turns(1);
    later = var.get();
  };
  auto task = create_task(work(), {.eager_start = true});
  CHECK(inherited == 1);
  CHECK(var.get() == 1);
  co_await task;
  CHECK(later == 2);
  CHECK(var.get() == 1);
}

ASYNC_VIRTUAL_TEST("eager: current_task is the new one, then the creator again",
                   "[EAG-06][TASK-18]") {
  const AnyTask self = current_task();
  AnyTask seen;
  bool listed = false;
  auto work = [&]() -> Task<> {
    seen = current_task();
    const auto all = all_tasks();
    listed = all.size() == 2 && all.back() == seen;
    co_return;
  };
  auto task = create_task(work(), {.eager_start = true});
  CHECK(seen == task);
  CHECK(listed);
  CHECK(current_task() == self);
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: eager_start overrides the loop's way, both ways", "[EAG-07]") {
  auto usual = create_task(gives(1), {.eager_start = true});
  CHECK(usual.done());
  const Eagerly eagerly;
  auto eager = create_task(gives(2));
  auto late = create_task(gives(3), {.eager_start = false});
  CHECK(eager.done());
  CHECK_FALSE(late.done());
  const int value = co_await late;
  CHECK(value == 3);
}

ASYNC_VIRTUAL_TEST("eager: gather of finished children is complete on return", "[EAG-08]") {
  const Eagerly eagerly;
  auto both = gather(gives(1), gives(2));
  CHECK(both.done());
  CHECK(both.result() == std::tuple(1, 2));
  co_return;
}

ASYNC_VIRTUAL_TEST("eager: a child that fails at once cancels the group at the next await",
                   "[EAG-09]") {
  Trace trace;
  auto body = [&trace](TaskGroup& group) -> Task<> {
    group.create_task(fails("at once"));
    trace.push_back("still here");
    co_await turns(1);
    co_await turns(1);
    trace.push_back("not here");
  };
  const Eagerly eagerly;
  auto scope = [&body]() -> Task<> { co_await async_with(TaskGroup{}, body); };
  const std::string how = co_await ending(scope());
  CHECK(how == "ExceptionGroup[invalid_argument(at once)]");
  CHECK(trace == Trace{"still here"});
}

TEST_CASE("task: default names go on counting in the thread's next loop", "[TASK-07]") {
  auto number = [] {
    return run([]() -> Task<unsigned long long> {
      co_return std::stoull(current_task().get_name().substr(5));
    });
  };
  const auto first = number();
  CHECK(number() == first + 1);
}

TEST_CASE("task: the main task was made where run() was called") {
  unsigned line = 0;
  std::string file;
  auto tell = [&]() -> Task<> {
    line = current_task().made_at().line();
    file = current_task().made_at().file_name();
    co_return;
  };
  const unsigned here = __LINE__ + 1;
  run(tell());
  CHECK(line == here);
  CHECK(file == __FILE__);
  auto loop = new_event_loop();
  loop->run_until_complete(tell());
  CHECK(line == here + 4);
}

}  // namespace

}  // namespace task_handle_test

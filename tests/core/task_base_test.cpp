#include <asyncio/core/task_base.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace task_base_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

/// Notes each CancelledError that arrives, and goes on.
Task<> swallows(Trace& trace, int cancellations) {
  for (int i = 0; i < cancellations; ++i) {
    const std::exception_ptr error = co_await cancellation();
    trace.push_back(describe(error));
  }
}

ASYNC_VIRTUAL_TEST("cancel: true while the task is unfinished, also repeatedly", "[CAN-01]") {
  auto task = create_task(endless());
  co_await turns(1);
  CHECK(task.cancel());
  CHECK(task.cancel());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK_FALSE(task.cancel());
}

ASYNC_VIRTUAL_TEST("cancel: false once the task is done, and its result stays", "[CAN-01]") {
  auto task = create_task(gives(1));
  co_await task;
  CHECK_FALSE(task.cancel());
  CHECK(task.result() == 1);
  CHECK(task.cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: of a failed task marks its exception as retrieved", "[CAN-01]") {
  Reports reports;
  {
    auto task = create_task(fails("seen"));
    co_await turns(1);
    CHECK_FALSE(task.cancel());
  }
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("cancel: cancels the future that is waited for", "[CAN-02]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(future);
  co_await turns(1);
  task.cancel();
  CHECK(future.cancelled());
  CHECK(task.cancelling() == 1);
  co_await turns(1);
  CHECK(task.cancelled());
}

ASYNC_VIRTUAL_TEST("cancel: reaches the innermost of a chain of calls", "[CAN-02]") {
  Trace trace;
  auto inner = [&trace]() -> Task<> {
    const std::string how = co_await ending(endless());
    trace.push_back("inner " + how);
    throw CancelledError();
  };
  auto middle = [&]() -> Task<> {
    const std::string how = co_await ending(inner());
    trace.push_back("middle " + how);
    throw CancelledError();
  };
  auto task = create_task(middle());
  co_await turns(1);
  task.cancel();
  co_await turns(2);
  CHECK(task.cancelled());
  CHECK(trace == Trace{"inner CancelledError", "middle CancelledError"});
}

ASYNC_VIRTUAL_TEST("cancel: of a task that yields is thrown when it goes on", "[CAN-02]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    const std::string how = co_await ending(sleep(0s));
    trace.push_back(how);
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel();
  co_await task;
  CHECK(trace == Trace{"CancelledError"});
}

ASYNC_VIRTUAL_TEST("cancel: is not immediate", "[CAN-03]") {
  auto task = create_task(endless());
  co_await turns(1);
  task.cancel();
  CHECK_FALSE(task.done());
  CHECK_FALSE(task.cancelled());
  co_await turns(1);
  CHECK(task.cancelled());
}

ASYNC_VIRTUAL_TEST("cancel: before the first step the body is never entered", "[CAN-04]") {
  Item::count().reset();
  bool started = false;
  auto work = [&started](Item) -> Task<> {
    started = true;
    co_return;
  };
  auto task = create_task(work(Item(1)));
  CHECK(task.cancel("never mind"));
  CHECK_FALSE(task.done());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(never mind)");
  CHECK(task.cancelled());
  CHECK_FALSE(started);
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: of oneself strikes at the next suspension and cancels what it awaits",
                   "[CAN-05]") {
  auto future = get_running_loop().create_future<int>();
  Trace trace;
  auto work = [&]() -> Task<> {
    current_task().cancel("enough");
    trace.push_back("goes on");
    const int done = co_await gives(1);  // does not suspend
    trace.push_back("got " + std::to_string(done));
    const std::string how = co_await ending(future);
    trace.push_back(how);
  };
  auto task = create_task(work());
  co_await task;
  CHECK(trace == Trace{"goes on", "got 1", "CancelledError(enough)"});
  CHECK(future.cancelled());
  CHECK_FALSE(task.cancelled());
}

ASYNC_VIRTUAL_TEST("cancel: of oneself before a sleep", "[CAN-05]") {
  auto work = []() -> Task<> {
    current_task().cancel();
    co_await sleep(1h);
  };
  const auto start = get_running_loop().time();
  auto task = create_task(work());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(get_running_loop().time() == start);
}

ASYNC_VIRTUAL_TEST("cancel: a task that returns without another suspension ends cancelled",
                   "[CAN-06][TASK-10]") {
  Item::count().reset();
  {
    auto work = []() -> Task<Item> {
      current_task().cancel("too late");
      co_return Item(1);
    };
    auto task = create_task(work());
    co_await turns(1);
    CHECK(task.cancelled());
    const std::string how = co_await ending(std::move(task));
    CHECK(how == "CancelledError(too late)");
  }
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: after the awaited future is resolved wins, the value stays there",
                   "[CAN-07]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(future);
  co_await turns(1);
  future.set_result(5);
  CHECK(task.cancel());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(future.result() == 5);
}

ASYNC_VIRTUAL_TEST("cancel: goes through an awaited task to all who wait for it", "[CAN-08]") {
  auto inner = create_task(endless());
  auto outer = create_task(inner);
  auto bystander = create_task(inner);
  co_await turns(1);
  outer.cancel();
  CHECK(inner.cancelling() == 1);
  CHECK(outer.cancelling() == 1);
  co_await turns(3);
  CHECK(inner.cancelled());
  CHECK(outer.cancelled());
  CHECK(bystander.cancelled());
  CHECK(bystander.cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: a task may catch it and return", "[CAN-09]") {
  Trace trace;
  auto task = create_task(swallows(trace, 1));
  co_await turns(1);
  task.cancel();
  co_await task;
  CHECK(trace == Trace{"CancelledError"});
  CHECK_FALSE(task.cancelled());
  CHECK(task.cancelling() == 1);
}

ASYNC_VIRTUAL_TEST("cancel: a task may answer with another exception", "[CAN-10]") {
  auto task = create_task(fails_when_cancelled("instead"));
  co_await turns(1);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "invalid_argument(instead)");
  CHECK_FALSE(task.cancelled());
}

ASYNC_VIRTUAL_TEST("cancel: several requests before the delivery are delivered once", "[CAN-11]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    co_await swallows(trace, 1);
    co_await turns(3);
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel();
  task.cancel();
  CHECK(task.cancelling() == 2);
  co_await task;
  CHECK(trace == Trace{"CancelledError"});
}

ASYNC_VIRTUAL_TEST("cancel: a later request is delivered again", "[CAN-11]") {
  Trace trace;
  auto task = create_task(swallows(trace, 2));
  co_await turns(1);
  task.cancel("one");
  co_await turns(1);
  CHECK(trace == Trace{"CancelledError(one)"});
  task.cancel("two");
  co_await task;
  CHECK(trace == Trace{"CancelledError(one)", "CancelledError(two)"});
}

ASYNC_VIRTUAL_TEST("cancel: the message reaches the task, who awaits it, and result()",
                   "[CAN-12]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    trace.push_back(describe(error));
    std::rethrow_exception(error);
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel("because");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(because)");
  CHECK(trace == Trace{"CancelledError(because)"});
  try {
    task.result();
  } catch (const CancelledError& error) {
    trace.push_back(error.message());
  }
  CHECK(trace.back() == "because");
}

ASYNC_VIRTUAL_TEST("cancel: result() gives the very exception that left the coroutine",
                   "[CAN-13]") {
  const void* thrown = nullptr;
  auto work = [&thrown]() -> Task<> {
    try {
      co_await endless();
    } catch (const CancelledError& error) {
      thrown = &error;
      throw;
    }
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel();
  co_await turns(2);
  const void* seen = nullptr;
  try {
    task.result();
  } catch (const CancelledError& error) {
    seen = &error;
  }
  CHECK(thrown != nullptr);
  CHECK(seen == thrown);
}

ASYNC_VIRTUAL_TEST("cancelling: counts requests, also of a task that ended", "[CAN-14]") {
  auto task = create_task(endless());
  CHECK(task.cancelling() == 0);
  co_await turns(1);
  task.cancel();
  CHECK(task.cancelling() == 1);
  co_await turns(1);
  CHECK(task.cancelled());
  CHECK(task.cancelling() == 1);
}

ASYNC_VIRTUAL_TEST("uncancel: counts down to zero and not below", "[CAN-15]") {
  Trace trace;
  auto task = create_task(swallows(trace, 1));
  co_await turns(1);
  task.cancel();
  task.cancel();
  CHECK(task.uncancel() == 1);
  CHECK(task.uncancel() == 0);
  CHECK(task.uncancel() == 0);
  CHECK(task.cancelling() == 0);
  co_await task;
  CHECK(trace == Trace{"CancelledError"});  // it had been passed on to the future already
}

ASYNC_VIRTUAL_TEST("uncancel: withdraws a request that was not delivered yet", "[CAN-15]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    AnyTask self = current_task();
    self.cancel();
    CHECK(self.uncancel() == 0);
    const std::string how = co_await ending(turns(1));
    trace.push_back(how);
  };
  auto task = create_task(work());
  co_await task;
  CHECK(trace == Trace{"a result"});
}

ASYNC_VIRTUAL_TEST("uncancel: a request that is left is still delivered", "[CAN-15]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    AnyTask self = current_task();
    self.cancel();
    self.cancel();
    CHECK(self.uncancel() == 1);
    const std::string how = co_await ending(turns(1));
    trace.push_back(how);
  };
  co_await create_task(work());
  CHECK(trace == Trace{"CancelledError"});
}

/// A scope that a user writes: cancels its task after `delay`, and tells its own request from
/// others.
template <class Body>
Task<bool> cancels_after(std::chrono::milliseconds delay, Body body) {
  AnyTask self = current_task();
  const int level = self.cancelling();
  bool own = false;
  TimerHandle timer = get_running_loop().call_later(delay, [&own, self] {
    own = true;
    self.cancel();
  });
  const Outcome<void> outcome = co_await as_outcome(body());
  timer.cancel();
  if (own && self.uncancel() <= level && outcome.cancelled()) co_return true;
  if (!outcome.has_value()) std::rethrow_exception(outcome.error());
  co_return false;
}

ASYNC_VIRTUAL_TEST("cancel: a scope tells its own cancellation from nothing", "[CAN-16]") {
  auto body = []() -> Task<> { co_await sleep(1h); };
  auto brief = []() -> Task<> { co_await sleep(1ms); };
  const bool cancelled = co_await cancels_after(10ms, body);
  const bool not_cancelled = co_await cancels_after(10ms, brief);
  CHECK(cancelled);
  CHECK_FALSE(not_cancelled);
  CHECK(current_task().cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: a foreign cancellation at the same moment passes such a scope",
                   "[CAN-16]") {
  auto body = []() -> Task<> { co_await sleep(1h); };
  auto work = [&body]() -> Task<> { static_cast<void>(co_await cancels_after(10ms, body)); };
  auto task = create_task(work());
  get_running_loop().call_later(10ms, [task] { task.cancel("foreign"); });
  co_await sleep(1ms);
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(foreign)");
  CHECK(task.cancelled());
  CHECK(task.cancelling() == 1);
}

ASYNC_VIRTUAL_TEST("cancel: of the awaited future by others cancels the waiter", "[CAN-17]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(future);
  co_await turns(1);
  future.cancel("gone");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(gone)");
  CHECK(task.cancelled());
  CHECK(task.cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("cancel: of the task and of its future gives one CancelledError",
                   "[CAN-17][CAN-11]") {
  auto future = get_running_loop().create_future<int>();
  Trace trace;
  auto work = [&]() -> Task<> {
    const std::string first = co_await ending(future);
    const std::string second = co_await ending(turns(1));
    trace = {first, second};
  };
  auto task = create_task(work());
  co_await turns(1);
  future.cancel();
  task.cancel();
  co_await task;
  CHECK(trace == Trace{"CancelledError", "a result"});
}

ASYNC_VIRTUAL_TEST("cancel: a future with a CancelledError for its exception is not cancelled",
                   "[CAN-18]") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(future);
  co_await turns(1);
  future.set_exception(CancelledError("stored"));
  co_await turns(1);
  CHECK_FALSE(future.cancelled());
  CHECK(task.cancelled());
}

/// Three tasks that wait for each other, and one that waits for the first of them.
void make_ring(std::vector<TaskHandle<>>& tasks) {
  auto waits_for = [](std::vector<TaskHandle<>>& all, std::size_t other) -> Task<> {
    co_await all.at(other);
  };
  for (const std::size_t other : {1U, 2U, 0U, 0U})
    tasks.push_back(create_task(waits_for(tasks, other)));
}

ASYNC_VIRTUAL_TEST("cancel: of a task in a ring of tasks that await each other ends them all",
                   "[CAN-08]") {
  std::vector<TaskHandle<>> tasks;
  make_ring(tasks);
  co_await turns(1);
  CHECK(tasks.front().cancel("break"));
  co_await turns(5);
  for (const auto& task : tasks) CHECK(describe(task) == "cancelled: CancelledError(break)");
}

ASYNC_VIRTUAL_TEST("cancel: of a task that waits for a ring ends the ring", "[CAN-08]") {
  std::vector<TaskHandle<>> tasks;
  make_ring(tasks);
  co_await turns(1);
  CHECK(tasks.back().cancel("break"));
  co_await turns(6);
  for (const auto& task : tasks) CHECK(describe(task) == "cancelled: CancelledError(break)");
}

ASYNC_VIRTUAL_TEST("step: every suspension takes exactly one turn") {
  int turns_seen = 0;
  bool stop = false;
  std::function<void()> count = [&] {
    ++turns_seen;
    if (!stop) get_running_loop().call_soon(count);
  };
  get_running_loop().call_soon(count);
  co_await sleep(0s);
  CHECK(turns_seen == 1);
  co_await sleep(0s);
  CHECK(turns_seen == 2);
  stop = true;
  co_await sleep(0s);
}

ASYNC_VIRTUAL_TEST("step: awaiting a fresh task that ends at once takes two turns") {
  int turns_seen = 0;
  bool stop = false;
  std::function<void()> count = [&] {
    ++turns_seen;
    if (!stop) get_running_loop().call_soon(count);
  };
  get_running_loop().call_soon(count);
  const int value = co_await create_task(gives(1));
  CHECK(value == 1);
  CHECK(turns_seen == 2);
  stop = true;
  co_await sleep(0s);
}

TEST_CASE("abandon: the frames of a pending task go from the leaf outwards", "[TASK-06]") {
  Trace trace;
  struct Notes {
    Trace& trace;
    const char* text;
    ~Notes() { trace.push_back(text); }
  };
  auto leaf = [&trace]() -> Task<> {
    const Notes notes{trace, "leaf"};
    co_await endless();
  };
  auto root = [&]() -> Task<> {
    const Notes notes{trace, "root"};
    co_await leaf();
  };
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task(root());
  loop->run_once();
  loop->close();
  CHECK(trace == Trace{"leaf", "root"});
}

}  // namespace

}  // namespace task_base_test

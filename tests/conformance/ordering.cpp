// Twins of order_*.py: who runs when.

#include "scenario.hpp"

namespace conformance {
namespace ordering_scenarios {

Task<int> nothing() { co_return 1; }

Task<int> deep(int n) {
  int result = 0;
  if (n > 0) result = co_await deep(n - 1);
  co_return result;
}

Task<> fails() {
  throw std::invalid_argument("no");
  co_return;
}

Future<int> done_future() {
  auto future = get_running_loop().create_future<int>();
  future.set_result(1);
  return future;
}

TaskHandle<> fresh(int n = 0) { return create_task(turns(n)); }

// CBK-01, CBK-09: callbacks run first-in first-out; one scheduled by a callback waits for the next turn.
SCENARIO(order_call_soon) {
  EventLoop& loop = get_running_loop();
  loop.call_soon([&loop] {
    log("first");
    loop.call_soon(say("from first"));
  });
  loop.call_soon([&loop] {
    log("second");
    loop.call_soon(say("from second"));
  });
  Handle cancelled = loop.call_soon(say("never"));
  cancelled.cancel();
  loop.call_soon([](int a, int b) { log("arguments ", a, " ", b); }, 1, 2);
  log("main goes on");
  co_await sleep(0s);
  log("main, a turn later");
  co_await sleep(0s);
  log("main, two turns later; cancelled: ", cancelled.cancelled());

  // A callback that is already queued can still be cancelled by one before it.
  std::vector<Handle> handles;
  loop.call_soon([&handles] { handles[0].cancel(); });
  handles.push_back(loop.call_soon(say("never")));
  loop.call_soon(say("last"));
  co_await turns(2);
}

// SLP-02: sleep(0) and sleep(negative) let everything queued before run once.
SCENARIO(order_sleep_zero) {
  auto worker = [](std::string who, std::chrono::seconds pause) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      log(who, " ", i);
      co_await sleep(pause);
    }
    log(who, " ends");
  };
  auto a = create_task(worker("a", 0s));
  auto b = create_task(worker("b", -1s));
  auto c = create_task(worker("c", 0s));
  get_running_loop().call_soon(say("callback"));
  const int value = co_await sleep(0s, 7);
  log("value ", value);
  co_await a;
  log("main after a: ", b.done(), " ", c.done());
  co_await b;
  co_await c;
  log("main ends");
}

// TASK-01, TASK-04, CORO-01, CORO-02: tasks start in creation order, among the other callbacks; a plain await does
// not yield.
SCENARIO(order_task_start) {
  EventLoop& loop = get_running_loop();
  auto leaf = [](std::string who) -> Task<std::string> {
    log("leaf of ", who);
    co_return who;
  };
  auto child = [&leaf](std::string who) -> Task<> {
    log(who, " starts");
    co_await leaf(who);
    create_task(leaf("grandchild of " + who));
    co_await leaf(who + " again");
    co_await sleep(0s);
    log(who, " ends");
  };
  loop.call_soon(say("callback 1"));
  auto a = create_task(child("a"));
  loop.call_soon(say("callback 2"));
  auto b = create_task(child("b"));
  loop.call_soon(say("callback 3"));
  auto lazy = leaf("lazy");
  log("main creates, nothing ran");
  co_await a;
  log("main has a, b is done: ", b.done());
  co_await b;
  const std::string result = co_await std::move(lazy);
  log("main has ", result);
}

// FUT-08, 0.2 (3, 4): a waiting task is one of the done callbacks; resolving runs nobody inline; who comes late
// overtakes.
SCENARIO(order_future_wake) {
  auto future = get_running_loop().create_future<int>();
  auto waiter = [&future](std::string who) -> Task<> {
    const int value = co_await future;
    log(who, " woke with ", value);
  };
  auto late = [&future]() -> Task<> {
    co_await sleep(0s);
    log("late reaches the future, done: ", future.done());
    const int value = co_await future;
    log("late has ", value);
  };
  future.add_done_callback([](Future<int> f) { log("callback 1: ", f.result()); });
  std::vector<TaskHandle<>> tasks{create_task(waiter("waiter 1"))};
  co_await sleep(0s);
  future.add_done_callback([](Future<int> f) { log("callback 2: ", f.result()); });
  tasks.push_back(create_task(waiter("waiter 2")));
  co_await sleep(0s);
  tasks.push_back(create_task(late()));
  co_await sleep(0s);
  future.set_result(42);
  log("resolved, nobody ran");
  future.add_done_callback([](Future<int>) { log("callback 3, after the fact"); });
  co_await turns(3);
  log("all done: ", tasks[0].done() && tasks[1].done() && tasks[2].done());
  const int value = co_await future;
  log("main has ", value);
}

// FUT-08, FUT-09, TASK-10: done callbacks run in registration order, each in the turn after; removing one that is
// queued comes too late.
SCENARIO(order_done_callbacks) {
  auto work = []() -> Task<int> {
    log("work");
    co_return 5;
  };
  auto task = create_task(work());
  task.add_done_callback([&task](TaskHandle<int> t) { log("first ", t.result(), " ", t == task); });
  const CallbackId doomed = task.add_done_callback([](TaskHandle<int>) { log("never"); });
  task.add_done_callback([](TaskHandle<int>) { log("second"); });
  log("removed: ", task.remove_done_callback(doomed));
  log("removed again: ", task.remove_done_callback(doomed));
  co_await sleep(0s);
  log("done: ", task.done());
  co_await sleep(0s);
  log("a turn later");
  task.add_done_callback([](TaskHandle<int>) { log("on a done task"); });
  log("not inline");
  co_await sleep(0s);

  auto future = get_running_loop().create_future();
  CallbackId third{};
  future.add_done_callback(
      [&third](Future<> f) { log("removes a queued one: ", f.remove_done_callback(third)); });
  third = future.add_done_callback([](Future<>) { log("third runs although it was removed"); });
  future.add_done_callback(
      [](Future<> f) { f.add_done_callback([](Future<>) { log("added by a callback"); }); });
  future.set_result();
  co_await turns(3);
}

// 0.2: how many turns of the loop an await takes: coroutines, sleeps, futures, tasks.
SCENARIO(order_turns_basic) {
  EventLoop& loop = get_running_loop();
  auto queued_future = [&loop] {
    auto future = loop.create_future<int>();
    loop.call_soon([future] { future.set_result(1); });
    return future;
  };
  auto cancelled_future = [&loop] {
    auto future = loop.create_future<int>();
    loop.call_soon([future] { future.cancel(); });
    return future;
  };
  auto twice_queued_future = [&loop] {
    auto future = loop.create_future<int>();
    loop.call_soon([&loop, future] { loop.call_soon([future] { future.set_result(1); }); });
    return future;
  };
  auto inner_task = []() -> Task<> {
    auto inner = create_task(nothing());
    co_await inner;
  };
  Turns t;
  co_await t.start();
  co_await t.measure("plain coroutine", &nothing);
  co_await t.measure("chain of coroutines", [] { return deep(50); });
  co_await t.measure("coroutine that fails", &fails);
  co_await t.measure("sleep(0)", [] { return sleep(0s); });
  co_await t.measure("sleep(negative)", [] { return sleep(-1s); });
  co_await t.measure("coroutine with three sleep(0)", [] { return turns(3); });
  co_await t.measure("done future", &done_future);
  co_await t.measure("future resolved by a queued callback", queued_future);
  co_await t.measure("future cancelled by a queued callback", cancelled_future);
  co_await t.measure("future resolved two callbacks away", twice_queued_future);
  co_await t.measure("fresh task", [] { return create_task(nothing()); });
  co_await t.measure("fresh task that fails", [] { return create_task(fails()); });
  co_await t.measure("fresh task with one sleep(0)", [] { return create_task(turns(1)); });
  co_await t.measure("fresh task with three sleep(0)", [] { return create_task(turns(3)); });
  co_await t.measure("task in a task", [&] { return create_task(inner_task()); });
  auto finished = create_task(nothing());
  co_await finished;
  co_await t.measure("finished task", [&finished] { return finished; });
  co_await t.measure("eager task", [] { return create_task(nothing(), {.eager_start = true}); });
  t.stop();
}

// 0.2: how many turns of the loop an await takes: gather, wait, as_completed, wait_for, shield.
SCENARIO(order_turns_combinators) {
  auto next_of = [](TaskHandle<> task) -> Task<> {
    std::vector<TaskHandle<>> tasks{task};
    auto iterator = as_completed(tasks);
    auto next = co_await iterator.next();
    static_cast<void>(next);
  };
  auto finished = create_task(turns(0));
  co_await finished;
  auto wait_on = [](std::vector<TaskHandle<>> tasks, WaitOptions options = {}) {
    return wait(std::move(tasks), options);
  };
  Turns t;
  co_await t.start();
  co_await t.measure("gather()", [] { return gather(); });
  co_await t.measure("gather(done, done)", [] { return gather(done_future(), done_future()); });
  co_await t.measure("gather(fresh, fresh)", [] { return gather(nothing(), nothing()); });
  co_await t.measure("gather(fresh, three turns)", [] { return gather(nothing(), turns(3)); });
  co_await t.measure("gather(fails, three turns)", [] { return gather(fails(), turns(3)); });
  co_await t.measure("gather(task)", [] { return gather(fresh()); });
  co_await t.measure("wait(done)", [&] { return wait_on({finished}); });
  co_await t.measure("wait(fresh)", [&] { return wait_on({fresh()}); });
  co_await t.measure("wait(fresh, two turns)", [&] { return wait_on({fresh(), fresh(2)}); });
  co_await t.measure("wait(fresh, two turns; first)", [&] {
    return wait_on({fresh(), fresh(2)}, {.return_when = FIRST_COMPLETED});
  });
  co_await t.measure("as_completed(done)", [&] { return next_of(finished); });
  co_await t.measure("as_completed(fresh)", [&] { return next_of(fresh()); });
  co_await t.measure("wait_for(coroutine, long)", [] { return wait_for(nothing(), 60s); });
  co_await t.measure("wait_for(coroutine, none)", [] { return wait_for(nothing(), std::nullopt); });
  co_await t.measure("wait_for(one turn, long)", [] { return wait_for(turns(1), 60s); });
  co_await t.measure("wait_for(done future, 0)", [] { return wait_for(done_future(), 0s); });
  co_await t.measure("wait_for(done future, long)", [] { return wait_for(done_future(), 60s); });
  co_await t.measure("wait_for(coroutine, 0)", [] { return wait_for(nothing(), 0s); });
  co_await t.measure("wait_for(fresh task, long)", [] { return wait_for(fresh(), 60s); });
  co_await t.measure("wait_for(fresh task, 0)", [] { return wait_for(fresh(), 0s); });
  co_await t.measure("shield(done)", [] { return shield(done_future()); });
  co_await t.measure("shield(fresh coroutine)", [] { return shield(nothing()); });
  co_await t.measure("shield(fresh task)", [] { return shield(fresh()); });
  t.stop();
}

Task<> group_of(std::vector<Task<>> children, bool eager = false) {
  co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
    for (Task<>& child : children) tg.create_task(std::move(child), {.eager_start = eager});
    co_return;
  });
}

template <class... Children>
Task<> group(Children... children) {
  std::vector<Task<>> list;
  (list.push_back(std::move(children)), ...);
  return group_of(std::move(list));
}

Task<> eager_group(Task<> child) {
  std::vector<Task<>> list;
  list.push_back(std::move(child));
  return group_of(std::move(list), true);
}

Task<> failing_group() {
  co_await async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
    tg.create_task(turns(1));
    throw std::invalid_argument("no");
    co_return;
  });
}

template <class Delay>
Task<> timed(Delay delay, int n) {
  co_await async_with(timeout(delay), [n](Timeout&) { return turns(n); });
}

// 0.2: how many turns of the loop a scope takes: TaskGroup and timeout.
SCENARIO(order_turns_scopes) {
  Turns t;
  co_await t.start();
  co_await t.measure("empty group", [] { return group(); });
  co_await t.measure("group with a fresh child", [] { return group(turns(0)); });
  co_await t.measure("group with two children", [] { return group(turns(0), turns(2)); });
  co_await t.measure("group with an eager child", [] { return eager_group(turns(0)); });
  co_await t.measure("group with a failing child", [] { return group(fails()); });
  co_await t.measure("group with a failing and a waiting child",
                     [] { return group(fails(), turns(10)); });
  co_await t.measure("group whose body fails", &failing_group);
  co_await t.measure("timeout, no suspension", [] { return timed(60s, 0); });
  co_await t.measure("timeout(0), no suspension", [] { return timed(0s, 0); });
  co_await t.measure("timeout(0), sleep(0)", [] { return timed(0s, 1); });
  co_await t.measure("timeout(0), three sleep(0)", [] { return timed(0s, 3); });
  co_await t.measure("timeout(-1), sleep(0)", [] { return timed(-1s, 1); });
  co_await t.measure("timeout, two sleep(0)", [] { return timed(60s, 2); });
  co_await t.measure("timeout(none), two sleep(0)", [] { return timed(std::nullopt, 2); });
  t.stop();
}

// CBK-04, CBK-06, CBK-07: timers run in deadline order, whatever the order of their creation; cancelled ones never.
TIMED_SCENARIO(order_timers) {
  EventLoop& loop = get_running_loop();
  auto at = [](const char* what) { log(what, " at ", ms()); };
  loop.call_later(30ms, at, "30");
  loop.call_later(10ms, at, "10");
  loop.call_later(20ms, at, "20");
  TimerHandle cancelled = loop.call_later(15ms, at, "never");
  loop.call_at(loop.time() + 25ms, at, "25");
  TimerHandle timer = loop.call_later(40ms, at, "40");
  log("when ", std::chrono::round<std::chrono::milliseconds>(timer.when() - loop.time()).count(),
      " ", timer.cancelled());
  loop.call_later(12ms, [&cancelled] { cancelled.cancel(); });
  co_await sleep(50ms);
  at("main");
  log("cancelled: ", cancelled.cancelled());
}

// 0.2 (1), CBK-04: in one turn what is queued runs before the timers that are due; overdue timers run by deadline.
SCENARIO(order_timers_and_callbacks) {
  EventLoop& loop = get_running_loop();
  const auto now = loop.time();
  loop.call_at(now - 1s, say("a second late"));
  loop.call_at(now - 3s, say("three seconds late"));
  loop.call_at(now - 2s, say("two seconds late"));
  loop.call_soon(say("soon"));
  loop.call_soon([&loop] { loop.call_soon(say("soon, from a callback")); });
  co_await sleep(0s);
  log("main, a turn later");
  co_await sleep(0s);
  log("main, two turns later");
  loop.call_later(-1s, say("negative delay"));
  loop.call_soon(say("soon again"));
  co_await turns(2);
}

// SLP-01: sleeping tasks wake in deadline order and at their time; the timer of a cancelled sleep is gone.
TIMED_SCENARIO(order_sleeps) {
  auto sleeper = [](int delay) -> Task<> {
    const int value = co_await sleep(std::chrono::milliseconds(delay), delay);
    log("slept ", value, ", now ", ms());
  };
  std::vector<TaskHandle<>> tasks;
  for (const int delay : {50, 10, 30, 20, 40}) tasks.push_back(create_task(sleeper(delay)));
  auto endless_task = create_task(sleeper(3'600'000));
  co_await sleep(35ms);
  log("main at ", ms());
  endless_task.cancel();
  try {
    co_await endless_task;
  } catch (const CancelledError&) {
    log(name(), " at ", ms());
  }
  for (auto& task : tasks) co_await task;
  log("main ends at ", ms());
}

// LOP-07, LOP-09, LOP-10: stop() ends the loop after the turn in which it is called; what was added meanwhile waits for
// the next run.
PLAIN_SCENARIO(order_loop_stop) {
  const auto owner = new_event_loop();
  EventLoop& loop = *owner;
  loop.call_soon([&loop] {
    log("first, running: ", loop.is_running());
    loop.call_soon(say("added by first"));
    loop.stop();
  });
  loop.call_soon(say("second"));
  loop.run_forever();
  log("stopped, running: ", loop.is_running());
  loop.call_soon([&loop] { loop.stop(); });
  loop.run_forever();
  log("stopped again");
  loop.stop();
  loop.call_soon(say("one turn of a loop that was stopped before"));
  loop.run_forever();

  auto stops = [&loop]() -> Task<int> {
    log("stops");
    loop.stop();
    co_await sleep(0s);
    log("goes on in the next run");
    co_return 3;
  };
  auto task = loop.create_task(stops());
  try {
    loop.run_until_complete(task);
  } catch (const RuntimeError&) {
    log(error(), " done: ", task.done());
  }
  log("result ", loop.run_until_complete(task));
  loop.close();
  loop.close();
  log("closed: ", loop.is_closed());
  auto attempt = [](auto action) {
    try {
      action();
    } catch (const RuntimeError&) {
      log(error());
    }
  };
  attempt([&loop] { loop.call_soon(say("never")); });
  attempt([&loop] { loop.call_later(1s, say("never")); });
  attempt([&loop] { loop.run_forever(); });
}

}  // namespace ordering_scenarios
}  // namespace conformance

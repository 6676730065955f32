// Twins of future_*.py, task_*.py, eager_*.py and context_*.py.

#include "scenario.hpp"

#include <algorithm>

namespace conformance {
namespace tasks_scenarios {

/// Sees what nobody could catch.
void log_failures() {
  get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler: ", std::string(c.message), " ", error(c.exception));
  });
}

template <class T>
Task<T> gives(T value) {
  co_return value;
}

Task<> fails(std::string what) {
  throw std::invalid_argument(what);
  co_return;
}

// --- futures ----------------------------------------------------------------------------------------------------------

template <class Action>
void attempt(const char* what, Action action) {
  try {
    log("  ", what, ": ", action());
  } catch (const std::invalid_argument&) {
    log("  ", what, ": ", error());
  } catch (...) {
    log("  ", what, ": ", name());
  }
}

void show(const char* what, const Future<int>& future) {
  log(what, ": done ", future.done(), ", cancelled ", future.cancelled());
  attempt("result", [&] { return future.result(); });
  attempt("exception", [&] { return future.exception() ? error(future.exception()) : "none"; });
}

void change(const Future<int>& future) {
  attempt("set_result", [&] { return future.set_result(9), "fine"; });
  attempt("set_exception",
          [&] { return future.set_exception(std::invalid_argument("other")), "fine"; });
  attempt("cancel", [&] { return future.cancel(); });
}

// FUT-01, FUT-02, FUT-04, FUT-05, FUT-06, FUT-07: one transition, and what each accessor does in each state.
SCENARIO(future_states) {
  EventLoop& loop = get_running_loop();
  auto pending = loop.create_future<int>();
  show("pending", pending);
  pending.cancel();

  auto finished = loop.create_future<int>();
  finished.set_result(1);
  show("finished", finished);
  change(finished);
  show("still", finished);

  auto failed = loop.create_future<int>();
  failed.set_exception(std::invalid_argument("stored"));
  show("failed", failed);
  change(failed);
  show("still", failed);

  auto cancelled = loop.create_future<int>();
  log("cancel ", cancelled.cancel());
  show("cancelled", cancelled);
  change(cancelled);
  show("still", cancelled);
  co_return;
}

// FUT-10, EXH-01: a done callback that fails is reported; the others run.
SCENARIO(future_failing_callback) {
  get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler: ", c.message.starts_with("Exception in callback"), " ", error(c.exception));
  });
  auto future = get_running_loop().create_future();
  future.add_done_callback([](Future<>) { log("before"); });
  future.add_done_callback([](Future<>) { throw std::invalid_argument("in a callback"); });
  future.add_done_callback([](Future<>) { log("after"); });
  future.set_result();
  co_await turns(2);
}

Future<std::string> failed_future(const char* what) {
  auto future = get_running_loop().create_future<std::string>();
  future.set_exception(std::invalid_argument(what));
  return future;
}

// FUT-11: an error nobody asked for is reported when the last owner goes; asking, awaiting or cancelling marks it as seen.
SCENARIO(future_never_retrieved) {
  log_failures();
  {
    std::optional<Future<std::string>> copy;
    {
      auto future = failed_future("unread");
      copy = future;
    }
    log("one owner left");
  }
  co_await turns(2);
  {
    auto future = failed_future("read by exception()");
    static_cast<void>(future.exception());
  }
  {
    auto future = failed_future("read by result()");
    try {
      static_cast<void>(future.result());
    } catch (const std::invalid_argument&) {
      log(error());
    }
  }
  {
    auto future = failed_future("awaited");
    try {
      co_await future;
    } catch (const std::invalid_argument&) {
      log(error());
    }
  }
  {
    auto future = failed_future("cancelled afterwards");
    log("cancel ", future.cancel());
  }
  {
    auto future = get_running_loop().create_future<std::string>();
    future.set_result("an unread result is silent");
  }
  auto waiter = [](Future<std::string> future) -> Task<> {
    try {
      co_await future;
    } catch (const std::invalid_argument&) {
      log(error());
    }
  };
  {
    std::optional<Future<std::string>> future = get_running_loop().create_future<std::string>();
    auto task = create_task(waiter(*future));
    co_await sleep(0s);
    future->set_exception(std::invalid_argument("for a waiter"));
    future.reset();
    co_await task;
  }
  co_await turns(2);
  log("end");
}

// CORO-03: a future may be awaited many times, by many; each gets the value or the error.
SCENARIO(future_many_waiters) {
  EventLoop& loop = get_running_loop();
  auto waiter = [](std::string who, Future<int> future) -> Task<> {
    try {
      const int value = co_await future;
      log(who, ": ", value);
      const int again = co_await future;
      log(who, " again: ", again);
    } catch (const std::invalid_argument&) {
      log(who, ": ", error());
    }
  };
  auto three = [&waiter](const Future<int>& future) {
    std::vector<TaskHandle<>> tasks;
    for (const char* who : {"a", "b", "c"}) tasks.push_back(create_task(waiter(who, future)));
    return tasks;
  };
  for (const bool failing : {false, true}) {
    auto future = loop.create_future<int>();
    auto tasks = three(future);
    co_await sleep(0s);
    tasks[1].cancel();
    // Cancelling a waiter cancels the future it waits for, hence all of them.
    co_await turns(3);
    std::vector<std::string> cancelled;
    for (const auto& task : tasks) cancelled.push_back(text(task.cancelled()));
    log("[", join(cancelled), "] ", future.cancelled());

    future = loop.create_future<int>();
    tasks = three(future);
    co_await sleep(0s);
    if (failing)
      future.set_exception(std::invalid_argument("shared"));
    else
      future.set_result(7);
    co_await turns(3);
    co_await waiter("late", future);
  }
}

// CORO-04, GAT-04: awaiting a future of another loop raises RuntimeError inside the coroutine; gathering it ValueError.
SCENARIO(future_foreign_loop) {
  const auto other = new_event_loop();
  auto foreign = other->create_future();
  auto waiter = [&foreign]() -> Task<std::string> {
    try {
      co_await foreign;
      log("never");
    } catch (const RuntimeError&) {
      log(name());
    }
    co_await sleep(0s);
    co_return "goes on";
  };
  auto task = create_task(waiter());
  const std::string result = co_await task;
  log(result);
  auto own = get_running_loop().create_future();
  try {
    co_await gather(own, foreign);
  } catch (const std::invalid_argument&) {
    log(name());
  }
  log("own future done ", own.done());
  foreign.set_result();
  co_await foreign;
  log("a done one may be awaited");
  other->close();
}

// --- tasks ------------------------------------------------------------------------------------------------------------

std::string current() {
  const AnyTask task = current_task();
  return task ? task.get_name() : "none";
}

// TASK-18: current_task() is the task whose step runs, none in a callback, and restored between interleaving tasks.
SCENARIO(task_current) {
  auto inner = [](std::string who) -> Task<> {
    log(who, " awaited in ", current());
    co_return;
  };
  auto work = [&inner](std::string who) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      log(who, " in ", current());
      co_await sleep(0s);
    }
    co_await inner(who);
  };
  auto same = []() -> Task<bool> {
    const AnyTask first = current_task();
    co_await turns(2);
    co_return first == current_task();
  };
  current_task().set_name("main");
  auto a = create_task(work("a"), {.name = "task a"});
  auto b = create_task(work("b"), {.name = "task b"});
  get_running_loop().call_soon([] { log("callback in ", current()); });
  a.add_done_callback([](TaskHandle<>) { log("done callback in ", current()); });
  log("main in ", current());
  co_await a;
  co_await b;
  co_await inner("main");
  log("main in ", current());
  auto last = create_task(same(), {.name = "x"});
  const bool result = co_await last;
  log("the same: ", result);
}

// TASK-19: all_tasks() holds the unfinished tasks of the loop.
SCENARIO(task_all) {
  current_task().set_name("main");
  auto names = [] {
    std::vector<std::string> result;
    for (const AnyTask& task : all_tasks()) result.push_back(task.get_name());
    std::sort(result.begin(), result.end());
    return join(result);
  };
  auto looks = [&names]() -> Task<> {
    log("inside: ", names());
    co_return;
  };
  log(names());
  auto a = create_task(turns(2), {.name = "a"});
  auto b = create_task(turns(6), {.name = "b"});
  log(names());
  co_await a;
  log(names());
  b.cancel();
  log("cancelling: ", names());
  co_await turns(2);
  log(names());
  auto lazy = create_task(looks(), {.name = "looks"});
  co_await lazy;
  auto eager = create_task(looks(), {.name = "eager", .eager_start = true});
  co_await eager;
  log(names());
}

// TASK-07: default names count up, and only unnamed tasks count.
SCENARIO(task_names) {
  auto work = []() -> Task<std::string> { co_return current_task().get_name(); };
  auto number = [](const std::string& default_name) {
    return std::stoi(default_name.substr(default_name.find('-') + 1));
  };
  auto first = create_task(work());
  auto named = create_task(work(), {.name = "mine"});
  auto second = create_task(work());
  const std::string first_name = first.get_name();
  log(first_name.substr(0, first_name.find('-')), ", ",
      number(second.get_name()) - number(first_name));
  const std::string inside = co_await named;
  log(named.get_name(), ", inside ", inside);
  const std::string original = second.get_name();
  second.set_name("renamed");
  const std::string second_inside = co_await second;
  log(second.get_name(), ", inside the original ", second_inside == original);
  co_await first;
}

// TASK-12: the error of a task is reported when its last handle goes, unless somebody saw it.
SCENARIO(task_never_retrieved) {
  log_failures();
  auto cancelled = []() -> Task<> {
    throw CancelledError();
    co_return;
  };
  {
    auto task = create_task(fails("held, never looked at"));
    co_await turns(3);
    log("done ", task.done(), ", nothing reported while a handle is left");
  }
  log("handle dropped");

  create_task(fails("nobody holds it"));
  co_await turns(3);
  {
    auto task = create_task(fails("seen"));
    co_await turns(2);
    log(error(task.exception()));
  }
  {
    auto task = create_task(cancelled());
    co_await turns(2);
  }
  log("a cancellation is not reported");
  co_await turns(2);
}

// CORO-05: a task that awaits itself gets a RuntimeError there, and can go on.
SCENARIO(task_awaits_itself) {
  std::vector<TaskHandle<int>> tasks;
  auto work = [&tasks]() -> Task<int> {
    try {
      co_await tasks[0];
      log("never");
    } catch (const RuntimeError&) {
      log(name());
    }
    co_await sleep(0s);
    co_return 4;
  };
  tasks.push_back(create_task(work()));
  const int value = co_await tasks[0];
  log(value);
}

// --- eager tasks ------------------------------------------------------------------------------------------------------

template <class T>
bool listed(const TaskHandle<T>& task) {
  const std::vector<AnyTask> tasks = all_tasks();
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

// EAG-01, EAG-02, EAG-04: an eager task runs at its creation; one that does not suspend is done on return.
SCENARIO(eager_completes) {
  get_running_loop().set_task_factory(eager_task_factory);
  auto returns = []() -> Task<int> {
    log("runs");
    co_return 5;
  };
  auto cancels = []() -> Task<> {
    throw CancelledError();
    co_return;
  };
  log("before");
  auto task = create_task(returns());
  log("done ", task.done(), ", listed ", listed(task));
  const bool accepted = task.cancel();
  log("cancel ", accepted, ", result ", task.result());
  task.add_done_callback([](TaskHandle<int>) { log("callback, never inline"); });
  const int value = co_await task;
  log(value);
  co_await turns(1);

  auto failed = create_task(fails("eager"));
  log("done ", failed.done(), ", ", error(failed.exception()));
  try {
    co_await failed;
  } catch (const std::invalid_argument&) {
    log(error());
  }

  auto cancelled = create_task(cancels());
  log("done ", cancelled.done(), ", cancelled ", cancelled.cancelled());
}

// EAG-03: an eager task that suspends becomes an ordinary one; a cancel right after its creation reaches what it awaits.
SCENARIO(eager_blocks) {
  EventLoop& loop = get_running_loop();
  loop.set_task_factory(eager_task_factory);
  auto work = []() -> Task<int> {
    log("starts");
    co_await sleep(0s);
    log("goes on");
    co_await sleep(0s);
    co_return 5;
  };
  loop.call_soon(say("callback"));
  auto five = create_task(work());
  log("created, done ", five.done(), ", listed ", listed(five));
  const int value = co_await five;
  log(value);

  auto waits = [](Future<std::string> future) -> Task<std::string> {
    try {
      const std::string result = co_await future;
      co_return result;
    } catch (const CancelledError&) {
      log("inside ", error());
      throw;
    }
  };
  auto task = create_task(waits(loop.create_future<std::string>()));
  log("cancel ", task.cancel("early"));
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error(), ", cancelled ", task.cancelled());
  }

  auto future = loop.create_future<std::string>();
  task = create_task(waits(future));
  future.set_result("value");
  log("done ", task.done());
  co_await turns(1);
  log("done ", task.done(), ", ", task.result());
}

const ContextVar<std::string> var("var", "unset");

// EAG-05, EAG-06, CTX-09: the eager step runs in the task's own context, as the current task; both are restored.
SCENARIO(eager_context) {
  get_running_loop().set_task_factory(eager_task_factory);
  current_task().set_name("main");
  var.set("of main");
  auto show_current = [] { log(current_task().get_name(), ": ", var.get()); };
  auto nested = [&show_current]() -> Task<> {
    show_current();
    var.set("of the nested one");
    co_return;
  };
  auto work = [&]() -> Task<> {
    show_current();
    var.set("of the task");
    auto inner = create_task(nested(), {.name = "nested"});
    show_current();
    co_await inner;
    co_await sleep(0s);
    show_current();
  };
  auto task = create_task(work(), {.name = "eager"});
  show_current();
  co_await task;
  show_current();
}

// EAG-07: eager_start overrides the loop's mode in either direction; without a factory the loop is lazy again.
SCENARIO(eager_override) {
  EventLoop& loop = get_running_loop();
  auto work = [](std::string what) -> Task<> {
    log(what, " runs");
    co_return;
  };
  auto task = create_task(work("eager on a lazy loop"), {.eager_start = true});
  log("done ", task.done());
  task = create_task(work("lazy"), {.eager_start = false});
  log("done ", task.done());
  co_await task;

  loop.set_task_factory(eager_task_factory);
  task = create_task(work("lazy on an eager loop"), {.eager_start = false});
  log("done ", task.done());
  co_await task;
  co_await async_with(TaskGroup{}, [&work](TaskGroup& tg) -> Task<> {
    tg.create_task(work("eager child"));
    tg.create_task(work("lazy child"), {.eager_start = false});
    log("body ends");
    co_return;
  });

  loop.set_task_factory(nullptr);
  task = create_task(work("lazy again"));
  log("done ", task.done());
  co_await task;
}

// EAG-08, EAG-09: gather of finished children is done at once; a failing eager child cancels the group's body at its next
// await.
SCENARIO(eager_combinators) {
  get_running_loop().set_task_factory(eager_task_factory);
  auto both = gather(gives(1), gives(2));
  const bool done = both.done();
  const auto& [one, two] = both.result();
  log("done ", done, ", ", std::vector<int>{one, two});
  const int three = co_await wait_for(gives(3), 1h);
  log("wait_for ", three);
  const int four = co_await shield(gives(4));
  log("shield ", four);

  try {
    co_await async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
      tg.create_task(fails("eager child"));
      log("the body goes on");
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        log("body ", name());
        throw;
      }
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", current_task().cancelling());
  }
}

// --- context variables ------------------------------------------------------------------------------------------------

// CTX-01, CTX-02, TASK-08: a task gets a copy of its creator's context at its creation; an awaited coroutine shares the
// caller's.
SCENARIO(context_tasks) {
  log(var.get());
  auto task = [](std::string who) -> Task<> {
    log(who, " sees ", var.get());
    var.set("of " + who);
    co_await sleep(0s);
    log(who, " sees ", var.get());
  };
  auto coroutine = []() -> Task<> {
    log("coroutine sees ", var.get());
    var.set("of coroutine");
    co_return;
  };
  var.set("first");
  auto a = create_task(task("a"));
  var.set("second");
  auto b = create_task(task("b"));
  var.set("third");
  co_await a;
  co_await b;
  log("main sees ", var.get());
  co_await coroutine();
  log("main sees ", var.get());

  auto own = [](int n) -> Task<bool> {
    var.set(std::to_string(n));
    co_await turns(n % 5);
    co_return var.get() == std::to_string(n);
  };
  std::vector<TaskHandle<bool>> hundred;
  for (int n = 0; n < 100; ++n) hundred.push_back(create_task(own(n)));
  bool all = true;
  for (auto& one : hundred) {
    const bool kept = co_await one;
    all = all && kept;
  }
  log("a hundred tasks keep their own: ", all);

  auto token = var.set("for a while");
  log("main sees ", var.get());
  var.reset(token);
  log("main sees ", var.get());
}

std::string get_var() { return var.get(); }

// CTX-03, CTX-10, TASK-08: an explicit context is used itself, not copied; successive tasks see each other's changes.
SCENARIO(context_explicit) {
  var.set("of main");
  Context context = copy_context();
  var.set("changed by main");
  auto work = [](std::string who) -> Task<> {
    log(who, " sees ", var.get());
    co_await sleep(0s);
    var.set("of " + who);
  };
  auto a = create_task(work("a"), {.context = &context});
  co_await a;
  auto b = create_task(work("b"), {.context = &context});
  co_await b;
  log("in the context: ", context.run(&get_var));
  log("main sees ", var.get());
  context.run([] { var.set("by run"); });
  log("in the context: ", context.run(&get_var), "; main sees ", var.get());

  co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
    tg.create_task(work("child"), {.context = &context});
    co_return;
  });
  log("in the context: ", context.run(&get_var));
}

// CTX-04, CTX-05, FUT-08: callbacks run in the context of their registration, or in the one given; changes stay there.
SCENARIO(context_callbacks) {
  EventLoop& loop = get_running_loop();
  auto callback = [](std::string what) {
    log(what, " sees ", var.get());
    var.set("by " + what);
  };
  var.set("one");
  auto future = loop.create_future();
  future.add_done_callback([&callback](Future<>) { callback("done callback"); });
  loop.call_soon(callback, "call_soon");
  loop.call_later(0s, callback, "call_later");
  var.set("two");
  Context context = copy_context();
  loop.call_soon(context, callback, "call_soon");
  var.set("three");
  future.set_result();
  co_await turns(3);
  log("main sees ", var.get(), "; in the context: ", context.run(&get_var));
}

}  // namespace tasks_scenarios
}  // namespace conformance

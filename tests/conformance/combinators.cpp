// Twins of gather_*.py, shield_*.py, wait_*.py and as_completed_*.py.

#include "scenario.hpp"

#include <algorithm>

namespace conformance {
namespace combinators_scenarios {

/// Takes n turns, then gives the value.
template <class T>
Task<T> value_after(T value, int n) {
  co_await turns(n);
  co_return value;
}

Task<std::string> fails_after(int n) {
  co_await turns(n);
  throw std::invalid_argument("member");
}

/// The same, with a line at the end.
Task<std::string> work(std::string who, int n) {
  co_await turns(n);
  log(who, " ends");
  co_return who;
}

/// Cleans up for n turns when it is cancelled.
Task<> cleans(std::string who, int n) {
  auto cancelled = co_await cancellation();
  co_await turns(n);
  log(who, " cleaned up");
  std::rethrow_exception(cancelled);
}

// GAT-01, GAT-02, GAT-03: results in argument order whatever the completion order; the work starts at the call.
SCENARIO(gather_order) {
  auto starts = [](std::string who, int n) -> Task<std::string> {
    log(who, " starts");
    const std::string result = co_await work(who, n);
    co_return result;
  };
  auto [a, b, c] = co_await gather(starts("a", 3), starts("b", 1), starts("c", 2));
  log(join({a, b, c}));

  auto unawaited = gather(starts("d", 1), starts("e", 0));
  co_await turns(4);
  const auto& [d, e] = unawaited.result();
  log("done ", unawaited.done(), ": ", join({d, e}));

  std::vector<TaskHandle<std::string>> none;
  const auto empty = co_await gather(none);
  log("empty: ", empty.size());

  auto task = create_task(starts("f", 1));
  auto [f1, g, f2] = co_await gather(task, starts("g", 0), task);
  log(join({f1, g, f2}));

  auto future = get_running_loop().create_future<std::string>();
  get_running_loop().call_soon([future] { future.set_result("future"); });
  auto [first, h] = co_await gather(future, starts("h", 2));
  log(join({first, h}));
}

// GAT-05, GAT-11: the first error completes the gather; the others keep running, and their errors are not reported.
SCENARIO(gather_first_error) {
  get_running_loop().set_exception_handler(
      [](EventLoop&, const ExceptionContext& c) { log("handler: ", std::string(c.message)); });
  auto fails = [](std::string what, int n) -> Task<> {
    co_await turns(n);
    log("fails ", what);
    throw std::invalid_argument(what);
  };
  auto survives = [](int n) -> Task<std::string> {
    co_await turns(n);
    log("survivor ends");
    co_return "value";
  };
  auto survivor = create_task(survives(6));
  {
    auto both = gather(fails("late", 4), fails("early", 2), survivor);
    both.add_done_callback([](auto f) { log("done, cancelled ", f.cancelled()); });
    try {
      co_await both;
    } catch (const std::invalid_argument&) {
      log(error(), ", survivor done ", survivor.done());
    }
    log("cancel ", both.cancel());
    const std::string value = co_await survivor;
    log(value);
  }
  co_await turns(2);
  log("end");
}

// GAT-06: a cancelled child counts as one that raised CancelledError; the gather is not cancelled, nor are the siblings.
SCENARIO(gather_child_cancelled) {
  auto sibling = []() -> Task<> {
    co_await turns(6);
    log("sibling ends");
  };
  auto child = create_task(endless());
  auto other = create_task(sibling());
  auto both = gather(child, other);
  co_await sleep(0s);
  child.cancel();
  try {
    co_await both;
  } catch (const CancelledError&) {
    log(name(), ", gather cancelled ", both.cancelled(), ", exception ", name(both.exception()));
  }
  log("cancelling ", current_task().cancelling(), ", sibling done ", other.done());
  co_await other;
}

template <class T>
void log_outcome(const Outcome<T>& outcome) {
  if (outcome.has_value())
    log(outcome.value());
  else
    log(error(outcome.error()));
}

// GAT-07: with return_exceptions errors and cancellations become results, and the gather waits for all.
SCENARIO(gather_outcomes) {
  auto value = [](int n) -> Task<int> {
    co_await turns(n);
    log("value after ", n);
    co_return n;
  };
  auto fails = [](std::string what) -> Task<> {
    throw std::invalid_argument(what);
    co_return;
  };
  auto child = get_running_loop().create_future();
  auto all_of_them = gather(return_exceptions, value(5), fails("no"), child, value(1));
  co_await turns(2);
  child.cancel("not needed");
  auto [a, b, c, d] = co_await all_of_them;
  log_outcome(a);
  log_outcome(b);
  log_outcome(c);
  log_outcome(d);
}

// GAT-08, GAT-10: cancelling the gather cancels every child; its awaiter resumes with the first that reports it.
SCENARIO(gather_cancel) {
  auto finished = []() -> Task<> { co_return; };
  auto done = create_task(finished());
  co_await turns(2);
  auto slow = create_task(cleans("slow", 4));
  auto fast = create_task(cleans("fast", 1));
  auto both = gather(slow, fast, done);
  co_await sleep(0s);
  const bool accepted = both.cancel("stop");
  log("cancel ", accepted, ", done ", both.done());
  try {
    co_await both;
  } catch (const CancelledError&) {
    log(name(), ", slow done ", slow.done(), ", gather cancelled ", both.cancelled());
  }
  co_await turns(6);
  log("slow cancelled ", slow.cancelled());

  // The same through the task that awaits.
  auto awaits = []() -> Task<> { co_await gather(cleans("slow", 4), cleans("fast", 1)); };
  auto task = create_task(awaits());
  co_await turns(2);
  task.cancel("outer");
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error());
  }
  co_await turns(6);

  // With return_exceptions it waits for all, then raises all the same.
  auto outcomes = gather(return_exceptions, cleans("slow", 4), cleans("fast", 1));
  co_await sleep(0s);
  log("cancel ", outcomes.cancel("outcomes"));
  try {
    co_await outcomes;
  } catch (const CancelledError&) {
    log(error());
  }
}

// GAT-09, GAT-08: if all children are done, cancel() returns false and the results are delivered; an empty one cannot
// be cancelled.
SCENARIO(gather_cancel_refused) {
  EventLoop& loop = get_running_loop();
  auto a = loop.create_future<int>();
  auto b = loop.create_future<int>();
  auto both = gather(a, b);
  a.set_result(1);
  b.set_result(2);
  const bool was_done = both.done();
  log("done ", was_done, ", cancel ", both.cancel());
  auto [first, second] = co_await both;
  log(std::vector<int>{first, second});
  log("cancel ", both.cancel());

  // A child that ignores the cancellation: the gather raises it at the end all the same.
  auto ignores = []() -> Task<int> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("ignored");
    }
    co_return 3;
  };
  auto stubborn = gather(ignores());
  co_await sleep(0s);
  log("cancel ", stubborn.cancel());
  try {
    auto [value] = co_await stubborn;
    log(value);
  } catch (const CancelledError&) {
    log(error());
  }
}

// GAT-14, SHD-03: a cancelled shield leaves the gather inside running; a cancelled gather of shields leaves the work
// running.
SCENARIO(gather_shield) {
  auto inner = gather(work("a", 3), work("b", 5));
  auto outer = shield(inner);
  co_await sleep(0s);
  log("cancel ", outer.cancel());
  try {
    co_await outer;
  } catch (const CancelledError&) {
    log(name(), ", inner done ", inner.done());
  }
  auto [a, b] = co_await inner;
  log(join({a, b}, " "));

  auto c = create_task(work("c", 3));
  auto d = create_task(work("d", 5));
  auto both = gather(shield(c), shield(d));
  co_await sleep(0s);
  log("cancel ", both.cancel());
  try {
    co_await both;
  } catch (const CancelledError&) {
    log(name(), ", ", c.done(), " ", d.done());
  }
  const std::string c_result = co_await c;
  const std::string d_result = co_await d;
  log(c_result, " ", d_result);
}

// SHD-01, SHD-02: the outer mirrors the result, the error and the cancellation of the inner; a done inner is returned
// itself.
SCENARIO(shield_basic) {
  EventLoop& loop = get_running_loop();
  auto fails = []() -> Task<> {
    throw std::invalid_argument("inner");
    co_return;
  };
  const int value = co_await shield(value_after(5, 1));
  log(value);
  try {
    co_await shield(fails());
  } catch (const std::invalid_argument&) {
    log(error());
  }

  auto inner = create_task(endless());
  auto outer = shield(inner);
  co_await sleep(0s);
  inner.cancel("inner's");
  try {
    co_await outer;
  } catch (const CancelledError&) {
    log("outer cancelled ", outer.cancelled(), ", cancelling ", current_task().cancelling());
  }

  auto done = loop.create_future<std::string>();
  done.set_result("same");
  log("itself: ", shield(done) == done);
  auto pending = loop.create_future<std::string>();
  log("itself: ", shield(pending) == pending);
}

// SHD-03, SHD-04: the inner outlives the cancellation of the outer; its later result is ignored by the outer.
SCENARIO(shield_outer_cancelled) {
  auto inner = []() -> Task<std::string> {
    co_await turns(5);
    log("inner ends");
    co_return "result";
  };
  auto protected_work = create_task(inner());
  auto waits = [&protected_work]() -> Task<> { co_await shield(protected_work); };
  auto task = create_task(waits());
  co_await turns(2);
  task.cancel("outer only");
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error(), ", inner done ", protected_work.done(), ", cancelling ",
        protected_work.cancelling());
  }
  const std::string result = co_await protected_work;
  log(result);

  auto future = get_running_loop().create_future<int>();
  auto outer = shield(future);
  outer.add_done_callback([](auto f) { log("outer done, cancelled ", f.cancelled()); });
  const bool accepted = outer.cancel();
  log("cancel ", accepted, ", inner done ", future.done());
  co_await sleep(0s);
  future.set_result(3);
  co_await turns(2);
  log("outer cancelled ", outer.cancelled(), ", inner ", future.result());
}

// SHD-05: an inner error after the outer's cancellation is silent, retrievable, and reported once when the inner goes
// unread.
SCENARIO(shield_inner_error) {
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler: ", std::string(c.message), " ", error(c.exception));
  });
  for (const bool read : {true, false}) {
    {
      auto inner = loop.create_future<int>();
      auto outer = shield(inner);
      outer.cancel();
      co_await sleep(0s);
      inner.set_exception(std::invalid_argument("late"));
      co_await turns(2);
      log("nothing reported yet");
      if (read) log(error(inner.exception()));
    }
    co_await turns(2);
  }
  log("end");
}

using Handles = std::vector<TaskHandle<std::string>>;

std::string names(const Handles& tasks) {
  std::vector<std::string> result;
  for (const auto& task : tasks) result.push_back(task.get_name());
  return join(result);
}

void show(const char* what, const Handles& done, const Handles& pending) {
  log(what, ": done ", names(done), "; pending ", names(pending));
}

Handles three() {
  Handles tasks;
  tasks.push_back(create_task(value_after<std::string>("1", 9), {.name = "slow"}));
  tasks.push_back(create_task(fails_after(5), {.name = "fails"}));
  tasks.push_back(create_task(value_after<std::string>("2", 1), {.name = "fast"}));
  return tasks;
}

// WAI-01, WAI-03, WAI-07: ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION; errors stay in the members.
SCENARIO(wait_modes) {
  auto waits = [](const char* what, Handles tasks, WaitOptions options) -> Task<> {
    auto [done, pending] = co_await wait(tasks, options);
    show(what, done, pending);
    co_await wait(tasks);
  };
  Handles tasks = three();
  co_await waits("all", tasks, {});
  log(tasks[0].result(), " ", error(tasks[1].exception()), " ", tasks[2].result());

  tasks = three();
  const WaitOptions first_completed{.return_when = FIRST_COMPLETED};
  co_await waits("first completed", tasks, first_completed);
  static_cast<void>(tasks[1].exception());

  tasks = three();
  const WaitOptions first_exception{.return_when = FIRST_EXCEPTION};
  co_await waits("first exception", tasks, first_exception);
  static_cast<void>(tasks[1].exception());

  // A cancelled member is no exception.
  auto forever = []() -> Task<std::string> {
    co_await sleep(1h);
    co_return "";
  };
  tasks.clear();
  tasks.push_back(create_task(value_after<std::string>("1", 3), {.name = "slow"}));
  tasks.push_back(create_task(forever(), {.name = "cancelled"}));
  co_await sleep(0s);
  tasks[1].cancel();
  co_await waits("cancelled member", tasks, first_exception);

  // Duplicates collapse.
  auto task = create_task(value_after<std::string>("1", 1));
  Handles twice;
  twice.push_back(task);
  twice.push_back(task);
  auto [done, pending] = co_await wait(twice);
  log("duplicates: ", done.size(), " ", pending.size());
}

Task<int> sleeps(int n) {
  co_await sleep(std::chrono::milliseconds(n));
  co_return n;
}

// WAI-05: the timeout raises nothing and cancels nobody.
TIMED_SCENARIO(wait_timeout) {
  std::vector<TaskHandle<int>> tasks;
  for (const int n : {100, 200, 300}) tasks.push_back(create_task(sleeps(n)));
  for (const auto limit : {150ms, 0ms, 3'600'000ms}) {
    const WaitOptions options{.timeout = limit};
    auto [done, pending] = co_await wait(tasks, options);
    log("at ", ms(), " done ", done.size(), ", pending ", pending.size());
  }
  std::vector<int> results;
  for (const auto& task : tasks) results.push_back(task.result());
  log(results);
}

// WAI-06: cancelling the wait leaves its members running.
SCENARIO(wait_cancel) {
  auto member = []() -> Task<> {
    co_await turns(6);
    log("member ends");
  };
  auto waits = [](TaskHandle<> task) -> Task<> {
    std::vector<TaskHandle<>> one;
    one.push_back(task);
    try {
      co_await wait(one);
    } catch (const CancelledError&) {
      log(error(), ", member cancelling ", task.cancelling());
      throw;
    }
  };
  auto member_task = create_task(member());
  auto task = create_task(waits(member_task));
  co_await turns(2);
  task.cancel("the wait only");
  co_await turns(2);
  log("wait cancelled ", task.cancelled(), ", member done ", member_task.done());
  co_await member_task;
}

// WAI-02, WAI-04, WAI-08: who is done by the return counts, whether its callback ran or not; the wait always suspends.
SCENARIO(wait_truth) {
  EventLoop& loop = get_running_loop();
  std::vector<Future<int>> futures;
  try {
    co_await wait(futures);
  } catch (const std::invalid_argument&) {
    log(name());
  }

  auto a = loop.create_future<int>();
  auto b = loop.create_future<int>();
  auto c = loop.create_future<int>();
  futures.push_back(a);
  futures.push_back(b);
  futures.push_back(c);
  loop.call_soon([a] { a.set_result(1); });
  loop.call_soon([&loop, b] { loop.call_soon([b] { b.set_result(2); }); });
  {
    const WaitOptions options{.return_when = FIRST_COMPLETED};
    const auto result = co_await wait(futures, options);
    auto in_done = [&result](const Future<int>& f) {
      return std::find(result.done.begin(), result.done.end(), f) != result.done.end();
    };
    log("done: ", in_done(a), " ", in_done(b), " ", in_done(c), "; pending ",
        result.pending.size());
  }

  loop.call_soon(say("the wait on a done future suspends"));
  futures.clear();
  futures.push_back(a);
  {
    auto [done, pending] = co_await wait(futures);
    log("back, done ", done.size());
  }
  c.cancel();
  futures.clear();
  futures.push_back(b);
  futures.push_back(c);
  const WaitOptions at_once{.timeout = 0s};
  auto [done, pending] = co_await wait(futures, at_once);
  log("done ", done.size(), ", pending ", pending.size());
}

template <class T>
std::size_t index_of(const std::vector<T>& all, const T& one) {
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), one) - all.begin());
}

// ASC-01, ASC-04, ASC-05: the handles themselves, in completion order; duplicates collapse.
SCENARIO(as_completed_async) {
  Handles tasks;
  tasks.push_back(create_task(value_after<std::string>("slow", 5)));
  tasks.push_back(create_task(fails_after(3)));
  tasks.push_back(create_task(value_after<std::string>("fast", 1)));
  auto completions = as_completed(tasks);
  while (auto task = co_await completions.next()) {
    log("handle ", index_of(tasks, *task), ", done ", task->done());
    try {
      const std::string value = co_await *task;
      log(value);
    } catch (const std::invalid_argument&) {
      log(error());
    }
  }

  // At the same time: in the order of their done callbacks.
  std::vector<Future<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(get_running_loop().create_future<int>());
  auto iterator = as_completed(futures);
  for (const std::size_t i : {2U, 0U, 1U}) futures[i].set_result(static_cast<int>(i));
  while (auto future = co_await iterator.next()) log("future ", future->result());

  auto task = create_task(value_after<std::string>("once", 1));
  Handles twice;
  twice.push_back(task);
  twice.push_back(task);
  int count = 0;
  auto collapsed = as_completed(twice);
  while (auto handle = co_await collapsed.next()) ++count;
  log("duplicates: ", count);
}

// ASC-02: the plain form: each awaitable gives the next completion, whichever is awaited first.
SCENARIO(as_completed_plain) {
  {
    Handles tasks;
    tasks.push_back(create_task(value_after<std::string>("c", 5)));
    tasks.push_back(create_task(value_after<std::string>("a", 1)));
    tasks.push_back(create_task(value_after<std::string>("b", 3)));
    auto iterator = as_completed(tasks);
    for (auto& awaitable : iterator.awaitables()) {
      const std::string value = co_await awaitable;
      log(value);
    }
  }
  {
    Handles tasks;
    tasks.push_back(create_task(value_after<std::string>("slow", 4)));
    tasks.push_back(create_task(fails_after(2)));
    auto iterator = as_completed(tasks);
    for (auto& awaitable : iterator.awaitables()) {
      try {
        const std::string value = co_await awaitable;
        log(value);
      } catch (const std::invalid_argument&) {
        log(error());
      }
    }
  }
  Handles tasks;
  tasks.push_back(create_task(value_after<std::string>("slow", 4)));
  tasks.push_back(create_task(value_after<std::string>("fast", 1)));
  auto iterator = as_completed(tasks);
  auto&& awaitables = iterator.awaitables();
  auto second = std::next(awaitables.begin());
  const std::string fast = co_await *second;
  log("the second first: ", fast);
  const std::string slow = co_await *awaitables.begin();
  log("then the first: ", slow);
}

// ASC-03: one iterator: leaving the loop and iterating again goes on where it was.
SCENARIO(as_completed_resume) {
  std::vector<TaskHandle<int>> tasks;
  for (const int n : {7, 1, 5, 3}) tasks.push_back(create_task(value_after(n, n)));
  auto iterator = as_completed(tasks);
  while (auto task = co_await iterator.next()) {
    const int value = co_await *task;
    log("first loop ", value);
    break;
  }
  log("between");
  while (auto task = co_await iterator.next()) {
    const int value = co_await *task;
    log("second loop ", value);
    if (value == 5) break;
  }
  co_await turns(5);
  while (auto task = co_await iterator.next()) log("third loop ", task->result());
  while (auto task = co_await iterator.next()) log("never");
}

// ASC-06: one deadline for all; afterwards each step raises TimeoutError; nobody is cancelled.
TIMED_SCENARIO(as_completed_timeout) {
  std::vector<TaskHandle<int>> tasks;
  for (const int n : {300, 100, 200}) tasks.push_back(create_task(sleeps(n)));
  {
    const AsCompletedOptions options{.timeout = 150ms};
    auto iterator = as_completed(tasks, options);
    try {
      while (auto task = co_await iterator.next()) {
        const int value = co_await *task;
        log("got ", value, " at ", ms());
      }
    } catch (const TimeoutError&) {
      log(name(), " at ", ms());
    }
  }
  std::string done;
  std::string cancelling;
  for (const auto& task : tasks) {
    done += (done.empty() ? "" : ", ") + text(task.done());
    cancelling += (cancelling.empty() ? "" : ", ") + text(task.cancelling());
  }
  log("[", done, "] [", cancelling, "]");

  {
    const AsCompletedOptions options{.timeout = 100ms};
    auto iterator = as_completed(tasks, options);
    for (auto& awaitable : iterator.awaitables()) {
      try {
        const int value = co_await awaitable;
        log("got ", value, " at ", ms());
      } catch (const TimeoutError&) {
        log(name(), " at ", ms());
      }
    }
  }

  const AsCompletedOptions options{.timeout = 1h};
  auto iterator = as_completed(tasks, options);
  while (auto task = co_await iterator.next()) {
    const int value = co_await *task;
    log("got ", value, " at ", ms());
  }
}

// ASC-07: a step that is cancelled does not consume a completion.
SCENARIO(as_completed_cancelled) {
  std::vector<Future<std::string>> futures;
  for (int i = 0; i < 2; ++i) futures.push_back(get_running_loop().create_future<std::string>());
  auto iterator = as_completed(futures);
  auto step = [&iterator]() -> Task<> {
    auto future = co_await iterator.next();
    log("never ", future->result());
  };
  auto task = create_task(step());
  co_await sleep(0s);
  task.cancel();
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(name());
  }
  futures[1].set_result("second");
  futures[0].set_result("first");
  int count = 0;
  while (auto future = co_await iterator.next()) {
    ++count;
    const std::string value = co_await *future;
    log(value);
  }
  log("count ", count);
}

}  // namespace combinators_scenarios
}  // namespace conformance

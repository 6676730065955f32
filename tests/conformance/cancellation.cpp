// Twins of cancel_*.py: what cancelling a task does.

#include "scenario.hpp"

namespace conformance {
namespace cancellation_scenarios {

// CAN-01, CAN-03, CAN-04, CAN-12: a task cancelled before its first step never runs a statement.
SCENARIO(cancel_before_start) {
  auto work = []() -> Task<> {
    log("never");
    co_return;
  };
  auto task = create_task(work());
  log("cancel ", task.cancel("too early"), ", done ", task.done(), ", cancelled ",
      task.cancelled());
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error());
  }
  log("done ", task.done(), ", cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
  log("cancel ", task.cancel());
}

// CAN-02, CAN-03, CAN-09: cancelling reaches what the task waits for; the task hears of it in a later turn.
SCENARIO(cancel_suspended) {
  EventLoop& loop = get_running_loop();
  auto future = loop.create_future();
  future.add_done_callback([](Future<> f) { log("future is done, cancelled ", f.cancelled()); });
  auto inner = [&future]() -> Task<> {
    try {
      co_await future;
    } catch (const CancelledError&) {
      log("inner ", error());
      log("inner cleans up");
      throw;
    }
  };
  auto outer = [&inner]() -> Task<> {
    try {
      co_await inner();
    } catch (const CancelledError&) {
      log("outer ", error());
      throw;
    }
  };
  auto task = create_task(outer());
  co_await sleep(0s);
  loop.call_soon(say("queued before the cancel"));
  log("cancel ", task.cancel("reason"));
  loop.call_soon(say("queued after the cancel"));
  log("future cancelled ", future.cancelled(), ", task done ", task.done());
  co_await sleep(0s);
  log("a turn later, task done ", task.done());
  co_await turns(2);
  log("cancelled ", task.cancelled());
}

// CAN-02: a task parked in sleep(0), or about to run, is cancelled at that point.
SCENARIO(cancel_sleep_zero) {
  auto work = [](std::string who) -> Task<> {
    log(who, " starts");
    try {
      for (int i = 0; i < 3; ++i) {
        co_await sleep(0s);
        log(who, " ", i);
      }
    } catch (const CancelledError&) {
      log(who, " ", error());
      throw;
    }
  };
  auto first = create_task(work("first"));
  auto second = create_task(work("second"));
  co_await sleep(0s);
  first.cancel("one");
  co_await sleep(0s);
  log("first is cancelled: ", first.cancelled(), ", second is done: ", second.done());
  second.cancel("two");
  co_await turns(2);
  log("second is cancelled: ", second.cancelled());
}

// CAN-06: a task that is cancelled while it runs, and then ends without another await, ends cancelled; its value is lost.
SCENARIO(cancel_at_end) {
  auto returns = []() -> Task<int> {
    current_task().cancel("by myself");
    log("returns");
    co_return 42;
  };
  auto raises = []() -> Task<int> {
    current_task().cancel();
    log("raises");
    throw std::invalid_argument("real");
    co_return 0;
  };
  for (int i = 0; i < 2; ++i) {
    auto task = i == 0 ? create_task(returns()) : create_task(raises());
    try {
      const int value = co_await task;
      log(value);
    } catch (...) {
      log(error(), ", cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
    }
  }
}

// CAN-07: a cancel between the resolution of a future and the wake-up wins; the value stays in the future.
SCENARIO(cancel_after_resolution) {
  auto future = get_running_loop().create_future<std::string>();
  auto waiter = [&future]() -> Task<> {
    try {
      const std::string value = co_await future;
      log("never ", value);
    } catch (const CancelledError&) {
      log("waiter ", error());
      throw;
    }
  };
  auto child = []() -> Task<std::string> {
    co_await sleep(0s);
    co_return "value of the child";
  };
  auto parent = [](TaskHandle<std::string> inner) -> Task<> {
    try {
      const std::string value = co_await inner;
      log("never ", value);
    } catch (const CancelledError&) {
      log("parent ", error(), ", child: ", inner.result());
    }
  };

  auto task = create_task(waiter());
  co_await sleep(0s);
  future.set_result("value");
  log("cancel ", task.cancel("late"));
  try {
    co_await task;
  } catch (const CancelledError&) {
    log("main ", error());
  }
  log("cancelled ", task.cancelled(), ", future: ", future.result());

  auto inner = create_task(child());
  auto outer = create_task(parent(inner));
  co_await turns(2);
  log("child done ", inner.done());
  log("cancel ", outer.cancel());
  co_await outer;
  log("cancelled ", outer.cancelled(), ", cancelling ", outer.cancelling());
}

// CAN-08: cancelling a task that awaits a task cancels that one, and everybody else who awaits it.
SCENARIO(cancel_propagates) {
  auto child = []() -> Task<> {
    auto future = get_running_loop().create_future();
    try {
      co_await future;
    } catch (const CancelledError&) {
      log("child ", error());
      throw;
    }
  };
  auto shared = create_task(child());
  auto waiter = [&shared](std::string who) -> Task<> {
    try {
      co_await shared;
    } catch (const CancelledError&) {
      log(who, " ", name(), ", cancelling ", current_task().cancelling());
      throw;
    }
  };
  auto a = create_task(waiter("a"));
  auto b = create_task(waiter("b"));
  co_await turns(2);
  a.cancel("from main");
  co_await turns(4);
  log(shared.cancelled(), " ", a.cancelled(), " ", b.cancelled());
  log(shared.cancelling(), " ", a.cancelling(), " ", b.cancelling());
}

// CAN-09: a coroutine may swallow the cancellation, go on, and await again.
SCENARIO(cancel_swallowed) {
  auto stubborn = []() -> Task<std::string> {
    for (int i = 0; i < 2; ++i) {
      auto future = get_running_loop().create_future();
      try {
        co_await future;
      } catch (const CancelledError&) {
        log("swallows ", name(), " ", i);
      }
      co_await turns(2);
      log("awaits normally");
    }
    co_return "result";
  };
  auto task = create_task(stubborn());
  co_await sleep(0s);
  task.cancel();
  co_await turns(5);
  log("done ", task.done(), ", cancelling ", task.cancelling());
  task.cancel();
  const std::string result = co_await task;
  log(result);
  log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
}

// CAN-10: an error raised while handling the cancellation takes its place.
SCENARIO(cancel_replaced) {
  auto replaces = [](std::exception_ptr other) -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      std::rethrow_exception(other);
    }
  };
  const std::vector<std::exception_ptr> others{
      std::make_exception_ptr(std::invalid_argument("instead")),
      std::make_exception_ptr(Custom{"base"})};
  for (const std::exception_ptr& other : others) {
    auto task = create_task(replaces(other));
    co_await sleep(0s);
    task.cancel();
    try {
      co_await task;
    } catch (...) {
      log(error());
    }
    log("cancelled ", task.cancelled(), ", exception ", error(task.exception()));
  }
}

// CAN-11: several requests before the delivery raise the counter and deliver one CancelledError; a later one delivers
// again.
SCENARIO(cancel_several) {
  auto work = []() -> Task<int> {
    int caught = 0;
    for (int i = 0; i < 4; ++i) {
      try {
        co_await sleep(0s);
        co_await sleep(0s);
      } catch (const CancelledError&) {
        ++caught;
        log(error(), ", cancelling ", current_task().cancelling());
      }
    }
    co_return caught;
  };
  auto counted = create_task(work());
  co_await sleep(0s);
  const bool first = counted.cancel("one");
  const bool second = counted.cancel("two");
  log(first, " ", second, ", cancelling ", counted.cancelling());
  co_await turns(2);
  const bool third = counted.cancel("three");
  log(third, ", cancelling ", counted.cancelling());
  const int caught = co_await counted;
  log("caught ", caught);

  auto waits = [](Future<> future) -> Task<> {
    try {
      co_await future;
    } catch (const CancelledError&) {
      log(error(), ", cancelling ", current_task().cancelling());
    }
    co_await turns(2);
    log("undisturbed");
  };
  auto task = create_task(waits(get_running_loop().create_future()));
  co_await sleep(0s);
  const bool once = task.cancel("first");
  log(once, ", cancelling ", task.cancelling());
  co_await task;

  // The second request finds the future cancelled already: still one delivery.
  task = create_task(waits(get_running_loop().create_future()));
  co_await sleep(0s);
  const bool one = task.cancel("first");
  const bool two = task.cancel("second");
  log(one, " ", two, ", cancelling ", task.cancelling());
  co_await task;

  // The same for a task that sleeps.
  auto sleeps = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log(error(), ", cancelling ", current_task().cancelling());
    }
    co_await turns(2);
    log("undisturbed");
  };
  task = create_task(sleeps());
  co_await sleep(0s);
  const bool three = task.cancel("first");
  const bool four = task.cancel("second");
  log(three, " ", four, ", cancelling ", task.cancelling());
  co_await task;
  log("cancelled ", task.cancelled());
}

template <class A>
Task<> attempt(std::string what, A awaitable) {
  try {
    static_cast<void>(co_await std::move(awaitable));
  } catch (const CancelledError&) {
    log(what, ": ", error());
  }
}

// CAN-12: the message reaches whoever sees the cancellation.
SCENARIO(cancel_message) {
  auto waits = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("inside: ", error());
      throw;
    }
  };
  auto middle = [&waits]() -> Task<> {
    auto inner = create_task(waits());
    co_await inner;
  };
  auto task = create_task(middle());
  co_await turns(2);
  task.cancel("why");
  co_await attempt("through a task", task);

  auto stored = get_running_loop().create_future();
  stored.cancel("stored");
  try {
    stored.result();
  } catch (const CancelledError&) {
    log("result: ", error());
  }
  try {
    static_cast<void>(stored.exception());
  } catch (const CancelledError&) {
    log("exception: ", error());
  }

  task = create_task(waits());
  co_await sleep(0s);
  task.cancel();
  co_await attempt("no message", task);

  auto future = get_running_loop().create_future();
  const bool first = future.cancel("of a future");
  const bool second = future.cancel("too late");
  log(first, " ", second);
  co_await attempt("future", future);

  auto both = gather(waits(), waits());
  co_await sleep(0s);
  both.cancel("gather's");
  co_await attempt("gather", both);
  auto outcomes = gather(return_exceptions, waits(), waits());
  co_await sleep(0s);
  outcomes.cancel("outcomes'");
  co_await attempt("gather of outcomes", outcomes);

  task = create_task(wait_for(waits(), 1h));
  co_await sleep(0s);
  task.cancel("wait_for's");
  co_await attempt("wait_for", task);
}

// CAN-14, CAN-15: uncancel() takes a request back; at zero it also withdraws one that was not delivered yet.
SCENARIO(cancel_uncancel) {
  auto work = []() -> Task<> {
    auto self = current_task();
    log("starts with ", self.cancelling());
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      const int before = self.cancelling();
      log("caught, cancelling ", before, ", uncancel ", self.uncancel());
    }
    log("uncancel at zero ", self.uncancel());
    self.cancel();
    self.cancel();
    const int before = self.cancelling();
    const int one = self.uncancel();
    const int none = self.uncancel();
    log("cancelling ", before, ", uncancel ", one, ", ", none);
    co_await sleep(0s);
    log("a withdrawn request does not arrive");
    self.cancel();
    self.cancel("kept");
    log("uncancel ", self.uncancel());
    try {
      co_await sleep(0s);
      log("never");
    } catch (const CancelledError&) {
      log(error(), ", cancelling ", self.cancelling());
      throw;
    }
  };
  auto task = create_task(work());
  co_await sleep(0s);
  task.cancel();
  try {
    co_await task;
  } catch (const CancelledError&) {
    log("main ", error());
  }
  log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
  const int left = task.uncancel();
  log("uncancel of a finished task ", left, ", still cancelled ", task.cancelled());

  // Before the first step too.
  auto starts = []() -> Task<> {
    log("started after all");
    co_return;
  };
  task = create_task(starts());
  task.cancel();
  log("uncancel ", task.uncancel());
  co_await task;

  // A request that has reached the awaited future cannot be withdrawn.
  auto waits = []() -> Task<> {
    auto future = get_running_loop().create_future();
    try {
      co_await future;
    } catch (const CancelledError&) {
      log("arrived, cancelling ", current_task().cancelling());
    }
  };
  task = create_task(waits());
  co_await sleep(0s);
  task.cancel();
  log("uncancel ", task.uncancel());
  co_await task;
}

// CAN-05: cancelling oneself interrupts the next await that suspends, and cancels what it awaits.
SCENARIO(cancel_self) {
  auto future = get_running_loop().create_future();
  auto nothing = []() -> Task<> {
    log("a coroutine that does not suspend is not interrupted");
    co_return;
  };
  auto work = [&]() -> Task<> {
    current_task().cancel("mine");
    log("goes on");
    co_await nothing();
    auto done = get_running_loop().create_future<int>();
    done.set_result(1);
    const int value = co_await done;
    log("nor is a done future: ", value);
    try {
      co_await future;
    } catch (const CancelledError&) {
      log(error());
      throw;
    }
  };
  auto task = create_task(work());
  co_await sleep(0s);
  log("task done ", task.done(), ", future cancelled ", future.cancelled());
  co_await turns(2);
  log("task cancelled ", task.cancelled(), ", future cancelled ", future.cancelled());

  auto child = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("child ", error());
      throw;
    }
  };
  auto parent = [&child]() -> Task<> {
    auto inner = create_task(child());
    co_await sleep(0s);
    current_task().cancel("and my child");
    try {
      co_await inner;
    } catch (const CancelledError&) {
      log("parent ", error(), ", child cancelled ", inner.cancelled());
    }
  };
  auto last = create_task(parent());
  co_await last;
}

// CAN-17, CORO-03: who awaits a future that others cancel gets CancelledError, though nobody cancelled him.
SCENARIO(cancel_inner_future) {
  auto waiter = [](Future<> future, std::string who) -> Task<> {
    try {
      co_await future;
    } catch (const CancelledError&) {
      log(who, " ", error(), ", cancelling ", current_task().cancelling());
      throw;
    }
  };
  auto future = get_running_loop().create_future();
  auto a = create_task(waiter(future, "a"));
  auto b = create_task(waiter(future, "b"));
  co_await sleep(0s);
  future.cancel("the future's");
  co_await turns(2);
  log(a.cancelled(), " ", a.cancelling(), " ", b.cancelled(), " ", b.cancelling());

  // Both the future and the task: still one CancelledError.
  future = get_running_loop().create_future();
  auto c = create_task(waiter(future, "c"));
  co_await sleep(0s);
  const bool inner = future.cancel("inner");
  const bool outer = c.cancel("outer");
  log(inner, " ", outer);
  co_await turns(2);
  log(c.cancelled(), " ", c.cancelling());
}

// CAN-18: a future given a CancelledError as its exception is not cancelled, but a task that lets it escape is.
SCENARIO(cancel_set_exception) {
  auto future = get_running_loop().create_future();
  auto waiter = [&future]() -> Task<> { co_await future; };
  auto task = create_task(waiter());
  co_await sleep(0s);
  future.set_exception(CancelledError("as a value"));
  log("future cancelled ", future.cancelled(), ", done ", future.done());
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error());
  }
  log("task cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
  log("exception ", error(future.exception()));
  try {
    future.result();
  } catch (const CancelledError&) {
    log("result ", error());
  }
}

// TASK-13: a coroutine that raises CancelledError without a request ends cancelled.
SCENARIO(cancel_spontaneous) {
  auto raises = []() -> Task<> {
    co_await sleep(0s);
    throw CancelledError("out of the blue");
  };
  auto task = create_task(raises());
  task.add_done_callback([](TaskHandle<> t) { log("callback, cancelled ", t.cancelled()); });
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error(), ", cancelling ", current_task().cancelling());
  }
  log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
}

/// What timeout() does, counted in turns.
Task<> scope(std::string who, int turns_to_go, Task<> work) {
  auto self = current_task();
  bool fired = false;
  auto trigger = [&]() -> Task<> {
    co_await turns(turns_to_go);
    fired = true;
    self.cancel();
  };
  auto timer = create_task(trigger());
  try {
    co_await std::move(work);
    log(who, " ended in time");
    timer.cancel();
  } catch (const CancelledError&) {
    timer.cancel();
    if (!fired || self.uncancel() != 0) {
      log(who, " passes it on");
      throw;
    }
    log(who, " was its own cancellation");
  }
}

// CAN-16: a scope written with cancel() and uncancel() tells its own cancellation from another's.
SCENARIO(cancel_structured) {
  auto work = []() -> Task<> {
    co_await scope("inner", 10, turns(2));
    co_await scope("inner", 2, turns(10));
    log("between, cancelling ", current_task().cancelling());
    co_await scope("outer", 4, scope("inner", 10, turns(20)));
    log("after, cancelling ", current_task().cancelling());
    co_await scope("last", 30, turns(60));
    log("ends, cancelling ", current_task().cancelling());
  };
  auto task = create_task(work());
  co_await task;
  log("cancelled ", task.cancelled());

  auto foreign = []() -> Task<> {
    co_await scope("scope", 20, turns(60));
    log("never");
  };
  task = create_task(foreign());
  co_await turns(5);
  task.cancel();
  try {
    co_await task;
  } catch (const CancelledError&) {
    log("foreign, cancelling ", task.cancelling());
  }
}

// CAN-02, CAN-09: the cancellation is an edge: clean-up may await, and its caller waits for it.
SCENARIO(cancel_cleanup_awaits) {
  auto cleans = [](std::string who, int n) -> Task<> {
    auto cancelled = co_await cancellation();
    log(who, " cleans up");
    for (int i = 0; i < n; ++i) {
      co_await sleep(0s);
      log(who, " ", i);
    }
    std::rethrow_exception(cancelled);
  };
  auto parent = [&cleans]() -> Task<> {
    auto child = create_task(cleans("child", 3));
    co_await sleep(0s);
    try {
      co_await child;
    } catch (const CancelledError&) {
      log("parent ", error());
      throw;
    }
  };
  auto task = create_task(parent());
  auto other = create_task(cleans("other", 2));
  co_await turns(3);
  task.cancel("stop");
  other.cancel();
  for (auto& t : {task, other}) {
    try {
      co_await t;
    } catch (const CancelledError&) {
      log("main ", error());
    }
  }
  log(task.cancelled(), " ", other.cancelled());
}

// CAN-01, TASK-12: cancel() on a finished task returns false, and marks a stored error as retrieved.
SCENARIO(cancel_finished) {
  get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler: ", std::string(c.message), " ", error(c.exception));
  });
  auto returns = []() -> Task<int> { co_return 1; };
  auto fails = [](std::string what) -> Task<> {
    throw std::invalid_argument(what);
    co_return;
  };
  auto task = create_task(returns());
  co_await turns(2);
  const bool accepted = task.cancel();
  log("cancel ", accepted, ", cancelled ", task.cancelled(), ", result ", task.result());
  {
    auto failed = create_task(fails("silenced by cancel"));
    co_await turns(2);
    const bool too_late = failed.cancel();
    log("cancel ", too_late, ", done ", failed.done());
  }
  {
    auto failed = create_task(fails("nobody looked"));
    co_await turns(2);
  }
  log("end");
}

}  // namespace cancellation_scenarios
}  // namespace conformance

// Twins of timeout_*.py and wait_for_*.py.

#include "scenario.hpp"

namespace conformance {
namespace timeouts_scenarios {

// TMO-01, TMO-03, TMO-04, TMO-13: an expired scope cancels its body, and turns the CancelledError into a TimeoutError.
TIMED_SCENARIO(timeout_expires) {
  auto body = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("body ", name(), " at ", ms(), ", cancelling ", current_task().cancelling());
      log("body cleans up");
      throw;
    }
  };
  auto late = timeout(100ms);
  try {
    co_await async_with(late, [&](Timeout& scope) -> Task<> {
      log("expired ", scope.expired());
      co_await body();
    });
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }
  log("expired ", late.expired(), ", cancelling ", current_task().cancelling());

  auto in_time = timeout(100ms);
  co_await async_with(in_time, []() -> Task<> {
    co_await sleep(50ms);
    log("in time at ", ms());
  });
  co_await sleep(100ms);
  log("expired ", in_time.expired());

  const auto now = get_running_loop().time();
  try {
    co_await async_with(timeout_at(now + 200ms), [now](Timeout& scope) -> Task<> {
      log("when ", std::chrono::round<std::chrono::milliseconds>(*scope.when() - now).count());
      co_await sleep(500ms);
    });
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }

  auto disabled = timeout(std::nullopt);
  co_await async_with(disabled, [](Timeout& scope) -> Task<> {
    co_await sleep(500ms);
    log("when ", scope.when() ? "some" : "None");
  });
  log("no deadline, expired ", disabled.expired());

  // The deadline counts from the call, not from the entry.
  auto early = timeout(100ms);
  co_await sleep(60ms);
  const auto before = ms();
  try {
    co_await async_with(early, []() -> Task<> { co_await sleep(80ms); });
  } catch (const TimeoutError&) {
    log(name(), " after ", ms() - before);
  }
}

// TMO-05, CAN-16: a cancellation from elsewhere stays a CancelledError, also together with the timeout's own.
SCENARIO(timeout_foreign_cancel) {
  EventLoop& loop = get_running_loop();
  auto only_foreign = []() -> Task<> {
    auto scope = timeout(1h);
    try {
      co_await async_with(scope, []() -> Task<> {
        current_task().cancel("foreign");
        co_await sleep(0s);
      });
    } catch (...) {
      log(error(), ", expired ", scope.expired(), ", cancelling ", current_task().cancelling());
    }
  };
  auto both = [](Timeout& scope) -> Task<> {
    try {
      co_await async_with(scope, &endless);
    } catch (...) {
      log(name(), ", expired ", scope.expired(), ", cancelling ", current_task().cancelling());
    }
  };
  auto task = create_task(only_foreign());
  co_await task;

  // The timeout fires first, the cancel comes in the same turn.
  auto zero = timeout(0s);
  task = create_task(both(zero));
  co_await sleep(0s);
  loop.call_soon([task] { task.cancel(); });
  co_await task;

  // The cancel comes first, the deadline passes in the same turn.
  auto moved = timeout(std::nullopt);
  task = create_task(both(moved));
  co_await sleep(0s);
  task.cancel();
  moved.reschedule(loop.time() - 1s);
  co_await task;
}

// TMO-06: what had been requested before the entry does not count; a timeout in the clean-up of a cancelled task works.
SCENARIO(timeout_entry_level) {
  auto work = []() -> Task<> {
    auto self = current_task();
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("cancelled, cancelling ", self.cancelling());
    }
    try {
      co_await async_with(timeout(0s), &endless);
    } catch (...) {
      log(name(), ", cancelling ", self.cancelling());
    }
    co_await async_with(timeout(1h), [] { return turns(1); });
    log("ends, cancelling ", self.cancelling());
  };
  auto task = create_task(work());
  co_await sleep(0s);
  task.cancel();
  co_await task;
  log("cancelled ", task.cancelled());
}

// TMO-08, TMO-12: a body that swallows the cancellation leaves the scope without an error.
TIMED_SCENARIO(timeout_swallowed) {
  auto scope = timeout(100ms);
  co_await async_with(scope, [](Timeout& inside) -> Task<> {
    try {
      co_await sleep(1s);
    } catch (const CancelledError&) {
      log("swallows ", name(), " at ", ms());
    }
    log("expired ", inside.expired(), ", cancelling ", current_task().cancelling());
    try {
      inside.reschedule(std::nullopt);
    } catch (const RuntimeError&) {
      log(error());
    }
    co_await sleep(200ms);
    log("undisturbed until ", ms());
  });
  log("expired ", scope.expired(), ", cancelling ", current_task().cancelling());
  try {
    scope.reschedule(std::nullopt);
  } catch (const RuntimeError&) {
    log(error());
  }
  co_await sleep(0s);
  log("end");
}

// TMO-09, TMO-17: a body that never suspends is not interrupted, however late; the timer goes with the scope.
SCENARIO(timeout_no_suspension) {
  auto nothing = []() -> Task<int> { co_return 3; };
  for (const auto delay : {3600s, 0s, -1s}) {
    auto scope = timeout(delay);
    co_await async_with(scope, [&nothing]() -> Task<> {
      const int value = co_await nothing();
      log("value ", value);
    });
    log("expired ", scope.expired());
  }
  co_await turns(3);
  log("undisturbed, cancelling ", current_task().cancelling());
}

// TMO-10: a deadline that has passed fires at the first suspension, even of sleep(0).
SCENARIO(timeout_zero) {
  EventLoop& loop = get_running_loop();
  for (int i = 0; i < 3; ++i) {
    auto scope = i == 0 ? timeout(0s) : i == 1 ? timeout(-1s) : timeout_at(loop.time() - 5s);
    try {
      co_await async_with(scope, []() -> Task<> {
        log("entered");
        co_await sleep(0s);
        log("never");
      });
    } catch (const TimeoutError&) {
      log(name(), ", expired ", scope.expired());
    }
  }

  // What was queued before the entry runs before the deadline fires.
  auto future = loop.create_future<std::string>();
  loop.call_soon([future] { future.set_result("result"); });
  try {
    co_await async_with(timeout(0s), [&future]() -> Task<> {
      const std::string value = co_await future;
      log("never ", value);
    });
  } catch (const TimeoutError&) {
    log(name(), ", ", future.result());
  }
}

// TMO-12: a deadline may be moved or removed while the scope is active, from another task too.
TIMED_SCENARIO(timeout_reschedule) {
  EventLoop& loop = get_running_loop();
  try {
    co_await async_with(timeout(100ms), [&loop](Timeout& scope) -> Task<> {
      scope.reschedule(loop.time() + 300ms);
      log("when ",
          std::chrono::round<std::chrono::milliseconds>(*scope.when() - beginning).count());
      co_await sleep(1s);
    });
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }

  auto moves = [&loop](Timeout& scope) -> Task<> {
    co_await sleep(50ms);
    scope.reschedule(loop.time() + 10ms);
  };
  auto before = ms();
  auto moved = timeout(100ms);
  auto mover = create_task(moves(moved));
  try {
    co_await async_with(moved, []() -> Task<> { co_await sleep(1s); });
  } catch (const TimeoutError&) {
    log(name(), " after ", ms() - before);
  }
  co_await mover;

  before = ms();
  auto removed = timeout(100ms);
  co_await async_with(removed, [](Timeout& scope) -> Task<> {
    co_await sleep(50ms);
    scope.reschedule(std::nullopt);
    log("when ", scope.when() ? "some" : "None");
    co_await sleep(200ms);
  });
  log("no error after ", ms() - before, ", expired ", removed.expired());

  before = ms();
  try {
    co_await async_with(timeout(std::nullopt), [&loop](Timeout& scope) -> Task<> {
      co_await sleep(20ms);
      scope.reschedule(loop.time() - 1s);
      co_await sleep(500ms);
    });
  } catch (const TimeoutError&) {
    log(name(), " after ", ms() - before);
  }
}

void move_deadline(const char* what, Timeout& scope) {
  try {
    scope.reschedule(std::nullopt);
    log(what, ": fine");
  } catch (const RuntimeError&) {
    log(what, ": ", error());
  }
}

Task<> enter_again(Timeout& scope) {
  try {
    co_await async_with(scope, [] {
      log("entered");
      return turns(0);
    });
  } catch (const RuntimeError&) {
    log(error());
  }
}

// TMO-02, TMO-12: a scope is entered once, inside a task; its deadline moves only while it is active.
SCENARIO(timeout_states) {
  auto scope = timeout(1h);
  move_deadline("before the entry", scope);
  co_await async_with(scope, [&scope]() -> Task<> {
    move_deadline("inside", scope);
    co_await enter_again(scope);
  });
  move_deadline("after the exit", scope);
  co_await enter_again(scope);

  auto late = timeout(0s);
  try {
    co_await async_with(late, [] { return turns(1); });
  } catch (const TimeoutError&) {
    move_deadline("after the deadline", late);
  }
}

// TMO-14: nested scopes: each converts its own expiry.
TIMED_SCENARIO(timeout_nested) {
  auto nested = [](std::chrono::milliseconds outer_delay,
                   std::chrono::milliseconds inner_delay) -> Task<> {
    const auto before = ms();
    auto outer = timeout(outer_delay);
    auto inner = timeout(inner_delay);
    try {
      co_await async_with(outer, [&]() -> Task<> {
        try {
          co_await async_with(inner, []() -> Task<> { co_await sleep(1s); });
        } catch (...) {
          log("inner ", name(), " after ", ms() - before);
          throw;
        }
      });
    } catch (...) {
      log("outer ", name(), " after ", ms() - before);
    }
    log("expired: outer ", outer.expired(), ", inner ", inner.expired(), ", cancelling ",
        current_task().cancelling());
  };
  co_await nested(200ms, 100ms);
  co_await nested(100ms, 200ms);

  // The inner one expires, then the outer one while its error is handled.
  try {
    co_await async_with(timeout(200ms), []() -> Task<> {
      try {
        co_await async_with(timeout(100ms), []() -> Task<> { co_await sleep(1s); });
      } catch (const TimeoutError&) {
        log("inner ", name());
      }
      co_await sleep(1s);
    });
  } catch (const TimeoutError&) {
    log("outer ", name());
  }
}

// TMO-14, TMO-15: if both deadlines have passed, the inner scope sees the CancelledError pass and only the outer
// converts.
SCENARIO(timeout_nested_busy) {
  EventLoop& loop = get_running_loop();
  auto self = current_task();
  for (int i = 0; i < 2; ++i) {
    auto outer = timeout_at(loop.time() - (i == 0 ? 2s : 1s));
    auto inner = timeout_at(loop.time() - (i == 0 ? 1s : 2s));
    try {
      co_await async_with(outer, [&]() -> Task<> {
        try {
          co_await async_with(inner, &endless);
        } catch (...) {
          log("inner ", name(), ", cancelling ", self.cancelling());
          throw;
        }
      });
    } catch (...) {
      log("outer ", name(), ", cancelling ", self.cancelling());
    }
    log("expired: outer ", outer.expired(), ", inner ", inner.expired());
  }
}

// TMO-16, TMO-07: a scope inside the clean-up of an expired one works; the error that leaves last is the one seen.
TIMED_SCENARIO(timeout_in_cleanup) {
  auto self = current_task();
  auto a_second = []() -> Task<> { co_await sleep(1s); };
  try {
    co_await async_with(timeout(100ms), [&]() -> Task<> {
      auto cancelled = co_await cancellation();
      log("cleans up at ", ms(), ", cancelling ", self.cancelling());
      try {
        co_await async_with(timeout(100ms), a_second);
      } catch (const TimeoutError&) {
        log("in the clean-up ", name(), " at ", ms(), ", cancelling ", self.cancelling());
      }
      std::rethrow_exception(cancelled);
    });
  } catch (const TimeoutError&) {
    log(name(), " at ", ms(), ", cancelling ", self.cancelling());
  }

  try {
    co_await async_with(timeout(100ms), [&]() -> Task<> {
      auto cancelled = co_await cancellation();
      co_await async_with(timeout(100ms), a_second);
      std::rethrow_exception(cancelled);
    });
  } catch (const TimeoutError&) {
    log(name(), " at ", ms(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("end");
}

// TMO-07: another error that leaves the scope passes unchanged, whether the deadline has fired or not.
SCENARIO(timeout_other_error) {
  auto self = current_task();
  auto long_scope = timeout(1h);
  try {
    co_await async_with(long_scope, []() -> Task<> {
      throw std::invalid_argument("before the deadline");
      co_return;
    });
  } catch (const std::invalid_argument&) {
    log(error(), ", expired ", long_scope.expired(), ", cancelling ", self.cancelling());
  }

  auto scope = timeout(0s);
  try {
    co_await async_with(scope, []() -> Task<> {
      try {
        co_await sleep(1s);
      } catch (const CancelledError&) {
        throw std::invalid_argument("instead of the cancellation");
      }
    });
  } catch (const std::invalid_argument&) {
    log(error(), ", expired ", scope.expired(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("end");
}

// TGR-20, TGR-20, TGR-11: a timeout around a group, with children that obey and children that fail.
SCENARIO(timeout_group) {
  auto obeys = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("child ", name());
      throw;
    }
  };
  auto fails = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      throw std::invalid_argument("in clean-up");
    }
  };
  for (int i = 0; i < 2; ++i) {
    try {
      co_await async_with(timeout(0s), [&]() -> Task<> {
        co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
          tg.create_task(i == 0 ? obeys() : fails());
          co_await sleep(0s);
          co_await sleep(1h);
        });
      });
    } catch (const TimeoutError&) {
      log(name());
    } catch (...) {
      log(error());
    }
    log("cancelling ", current_task().cancelling());
    co_await sleep(0s);
  }
}

// WFR-01, WFR-02: wait_for gives the value or the error of what it waits for, in the calling task.
SCENARIO(wait_for_basic) {
  auto me = current_task();
  auto returns = [&me]() -> Task<int> {
    log("same task ", current_task() == me);
    co_await sleep(0s);
    co_return 5;
  };
  auto fails = []() -> Task<int> {
    co_await sleep(0s);
    throw std::invalid_argument("inner");
  };
  const std::optional<std::chrono::hours> none;
  for (const auto limit : {std::optional(1h), none}) {
    const int value = co_await wait_for(returns(), limit);
    log(value);
    try {
      co_await wait_for(fails(), limit);
    } catch (const std::invalid_argument&) {
      log(error());
    }
  }
  auto from_task = []() -> Task<std::string> {
    co_await sleep(0s);
    co_return "from a task";
  };
  auto task = create_task(from_task());
  const std::string first = co_await wait_for(task, 1h);
  log(first);
  const std::string second = co_await wait_for(task, 1h);
  log(second);
}

// WFR-03, WFR-04, WFR-05: on expiry the inner is cancelled and awaited; its answer decides.
TIMED_SCENARIO(wait_for_expiry) {
  auto inner = [](std::string answer) -> Task<std::string> {
    auto cancelled = co_await cancellation();
    log("cancelled at ", ms());
    co_await sleep(50ms);
    if (answer == "error") throw std::invalid_argument("from the clean-up");
    if (answer == "cancelled") std::rethrow_exception(cancelled);
    co_return "a value after all";
  };
  const std::vector<std::string> answers{"cancelled", "error", "value"};
  for (const std::string& answer : answers) {
    const auto before = ms();
    try {
      const std::string value = co_await wait_for(inner(answer), 100ms);
      log(value);
    } catch (const TimeoutError&) {
      log(name());
    } catch (const std::invalid_argument&) {
      log(error());
    }
    log("after ", ms() - before, ", cancelling ", current_task().cancelling());
  }

  // The same with a task of its own.
  for (const std::string& answer : answers) {
    const auto before = ms();
    auto task = create_task(inner(answer));
    try {
      const std::string value = co_await wait_for(task, 100ms);
      log(value);
    } catch (const TimeoutError&) {
      log(name());
    } catch (const std::invalid_argument&) {
      log(error());
    }
    log("after ", ms() - before, ", task done ", task.done(), ", cancelled ", task.cancelled());
  }
}

// WFR-06: with no time at all only what is done is returned; a coroutine does not start.
SCENARIO(wait_for_zero) {
  EventLoop& loop = get_running_loop();
  auto starts = []() -> Task<> {
    log("never");
    co_return;
  };
  auto cleans = []() -> Task<> {
    auto cancelled = co_await cancellation();
    co_await sleep(0s);
    log("cleaned up");
    std::rethrow_exception(cancelled);
  };
  for (const auto limit : {0s, -1s}) {
    auto done = loop.create_future<std::string>();
    done.set_result("done before");
    const std::string value = co_await wait_for(done, limit);
    log(value);
    auto future = loop.create_future<std::string>();
    try {
      co_await wait_for(future, limit);
    } catch (const TimeoutError&) {
      log(name(), ", future cancelled ", future.cancelled());
    }
    try {
      co_await wait_for(starts(), limit);
    } catch (const TimeoutError&) {
      log(name());
    }
    auto task = create_task(cleans());
    co_await sleep(0s);
    try {
      co_await wait_for(task, limit);
    } catch (const TimeoutError&) {
      log(name(), ", task cancelled ", task.cancelled());
    }
  }
  log("cancelling ", current_task().cancelling());
}

// WFR-07, WFR-08: cancelling who waits cancels the inner and waits for it; the cancellation is never swallowed.
SCENARIO(wait_for_outer_cancel) {
  auto inner = []() -> Task<> {
    auto cancelled = co_await cancellation();
    log("inner ", error(cancelled));
    co_await sleep(0s);
    co_await sleep(0s);
    log("inner cleaned up");
    std::rethrow_exception(cancelled);
  };
  auto waits = [](auto awaitable) -> Task<> {
    try {
      co_await wait_for(std::move(awaitable), 1h);
      log("never");
    } catch (const CancelledError&) {
      log("waiter ", error());
      throw;
    }
  };
  auto task = create_task(waits(inner()));
  co_await sleep(0s);
  task.cancel("coroutine");
  co_await turns(2);
  log("done ", task.done());
  co_await turns(2);
  log("cancelled ", task.cancelled());

  auto child = create_task(inner());
  task = create_task(waits(child));
  co_await turns(2);
  task.cancel("task");
  co_await turns(4);
  log("cancelled ", child.cancelled(), " ", task.cancelled());

  // The inner has just finished when the cancel arrives: it is delivered, and the result stays in the inner.
  auto future = get_running_loop().create_future<std::string>();
  task = create_task(waits(future));
  co_await sleep(0s);
  future.set_result("kept");
  log("cancel ", task.cancel("late"));
  co_await turns(2);
  log("cancelled ", task.cancelled(), ", future ", future.result());
}

// WFR-09, SHD-03: a shielded inner outlives the timeout.
TIMED_SCENARIO(wait_for_shield) {
  auto inner = []() -> Task<std::string> {
    co_await sleep(200ms);
    log("inner ends at ", ms());
    co_return "result";
  };
  auto task = create_task(inner());
  auto outer = shield(task);
  try {
    co_await wait_for(outer, 100ms);
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }
  log("outer cancelled ", outer.cancelled(), ", inner done ", task.done());
  const std::string result = co_await task;
  log(result, " at ", ms());
}

}  // namespace timeouts_scenarios
}  // namespace conformance

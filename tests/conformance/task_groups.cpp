// Twins of group_*.py.

#include "scenario.hpp"

namespace conformance {
namespace task_groups_scenarios {

Task<> fails_after(std::string what, int n) {
  co_await turns(n);
  throw std::invalid_argument(what);
}

// TGR-01, TGR-03, TGR-05: leaving the scope waits for all children, also for those added meanwhile.
SCENARIO(group_waits) {
  auto child = [](std::string who, int n) -> Task<std::string> {
    log(who, " starts");
    co_await turns(n);
    log(who, " ends");
    co_return "result of " + who;
  };
  auto adds = [&child](TaskGroup& tg) -> Task<> {
    co_await turns(2);
    log("adds");
    tg.create_task(child("late", 3));
    co_await sleep(0s);
    log("adder ends");
  };
  std::optional<TaskHandle<std::string>> a;
  std::optional<TaskHandle<std::string>> b;
  co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
    a = tg.create_task(child("a", 1));
    b = tg.create_task(child("b", 3), {.name = "child b"});
    tg.create_task(adds(tg));
    log("body ends, ", b->get_name());
    co_return;
  });
  log("left: ", a->result(), ", ", b->result());

  co_await async_with(TaskGroup{}, []() -> Task<> {
    log("empty");
    co_return;
  });
  log("end");
}

/// Which of Python's phrases the message holds.
std::string refused(const std::exception& e) {
  std::string result = name() + ": ";
  for (const char* phrase :
       {"has not been entered", "has already been entered", "is finished", "is shutting down"})
    if (std::string_view(e.what()).find(phrase) != std::string_view::npos) result += phrase;
  return result;
}

// TGR-02, TGR-04: children are refused before the entry, after the exit, and while the group is shutting down.
SCENARIO(group_refuses) {
  auto child = []() -> Task<> {
    log("never");
    co_return;
  };
  auto add = [&child](TaskGroup& tg) {
    try {
      tg.create_task(child());
    } catch (const RuntimeError& e) {
      log(refused(e));
    }
  };
  TaskGroup group;
  add(group);
  co_await async_with(group, [&](TaskGroup& tg) -> Task<> {
    try {
      co_await async_with(tg, [](TaskGroup&) -> Task<> {
        log("never");
        co_return;
      });
    } catch (const RuntimeError& e) {
      log(refused(e));
    }
  });
  add(group);

  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_after("no", 0));
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        add(tg);
        throw;
      }
    });
  } catch (const ExceptionGroup& e) {
    log(name(), " ", e.exceptions().size());
  }
}

// TGR-06, TGR-09, TGR-13: the first failure cancels the siblings and interrupts the body; its own cancellation is undone.
SCENARIO(group_child_fails) {
  auto self = current_task();
  auto sibling = []() -> Task<> {
    auto cancelled = co_await cancellation();
    co_await turns(2);
    log("sibling ", name(cancelled));
    std::rethrow_exception(cancelled);
  };
  auto fails = []() -> Task<> {
    co_await turns(2);
    log("fails");
    throw std::invalid_argument("child");
  };

  // The body is running.
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(sibling());
      tg.create_task(fails());
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        log("body ", name(), ", cancelling ", self.cancelling());
        throw;
      }
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("not interrupted");

  // The body has ended.
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(sibling());
      tg.create_task(fails());
      co_return;
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("not interrupted");

  // A later child that was not started yet never runs.
  auto never = []() -> Task<> {
    log("never");
    co_return;
  };
  std::optional<TaskHandle<>> unstarted;
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_after("at once", 0));
      co_await sleep(0s);
      unstarted = tg.create_task(never());
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", unstarted cancelled ", unstarted->cancelled());
  }
}

// TGR-07: a child that ends cancelled, by whomever, does not fail the group.
SCENARIO(group_child_cancelled) {
  auto raises = []() -> Task<> {
    throw CancelledError();
    co_return;
  };
  auto child = []() -> Task<int> {
    co_await turns(4);
    log("sibling ends");
    co_return 3;
  };
  std::optional<TaskHandle<>> a;
  std::optional<TaskHandle<>> b;
  std::optional<TaskHandle<int>> c;
  co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
    a = tg.create_task(endless());
    b = tg.create_task(raises());
    c = tg.create_task(child());
    co_await sleep(0s);
    a->cancel();
  });
  log(a->cancelled(), " ", b->cancelled(), " ", c->result(), ", cancelling ",
      current_task().cancelling());
}

// TGR-08, TGR-09: the error of the body cancels the children and joins theirs, which come first in completion order.
SCENARIO(group_body_fails) {
  auto fails_in_cleanup = [](std::string what, int n) -> Task<> {
    auto cancelled = co_await cancellation();
    co_await turns(n);
    throw RuntimeError(what);
  };
  std::optional<TaskHandle<>> child;
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      child = tg.create_task(endless());
      co_await sleep(0s);
      throw std::invalid_argument("body");
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", child cancelled ", child->cancelled());
  }

  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_in_cleanup("slow", 4));
      tg.create_task(fails_in_cleanup("fast", 2));
      co_await sleep(0s);
      throw std::invalid_argument("body");
    });
  } catch (const ExceptionGroup&) {
    log(error());
  }
  log("cancelling ", current_task().cancelling());
}

std::string members(const BaseExceptionGroup& group) {
  std::vector<std::string> names;
  for (const std::exception_ptr& member : group.exceptions()) names.push_back(name(member));
  return join(names);
}

// TGR-09, TGR-10: what is no Exception makes a BaseExceptionGroup; SystemExit and KeyboardInterrupt leave bare.
SCENARIO(group_base_errors) {
  auto sibling = []() -> Task<> {
    auto cancelled = co_await cancellation();
    co_await turns(2);
    log("sibling ends");
    std::rethrow_exception(cancelled);
  };
  auto fails = [](std::exception_ptr e) -> Task<> {
    std::rethrow_exception(e);
    co_return;
  };
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(sibling());
      tg.create_task(fails(std::make_exception_ptr(std::invalid_argument("plain"))));
      tg.create_task(fails(std::make_exception_ptr(Custom{"base"})));
      co_return;
    });
  } catch (const BaseExceptionGroup& e) {
    log(name(), " of ", members(e));
  }

  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(sibling());
      co_await sleep(0s);
      throw Custom{"body"};
    });
  } catch (const BaseExceptionGroup& e) {
    log(name(), " of ", members(e));
  }

  const std::vector<std::exception_ptr> bare{std::make_exception_ptr(KeyboardInterrupt()),
                                             std::make_exception_ptr(SystemExit(3))};
  for (const std::exception_ptr& e : bare) {
    try {
      co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
        tg.create_task(sibling());
        co_await sleep(0s);
        std::rethrow_exception(e);
      });
    } catch (...) {
      log(name());
    }
  }
}

// TGR-11: cancelling the parent in the body cancels the children; CancelledError propagates unless a child fails.
SCENARIO(group_cancelled_in_body) {
  auto obeys = []() -> Task<> {
    auto cancelled = co_await cancellation();
    co_await turns(2);
    log("child ", name(cancelled));
    std::rethrow_exception(cancelled);
  };
  auto fails = []() -> Task<> {
    auto cancelled = co_await cancellation();
    throw std::invalid_argument("in clean-up");
  };
  auto parent = [](Task<> child) -> Task<> {
    auto self = current_task();
    try {
      co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
        tg.create_task(std::move(child));
        try {
          co_await sleep(1h);
        } catch (...) {
          log("body ends");
          throw;
        }
      });
    } catch (...) {
      log(error(), ", cancelling ", self.cancelling());
      throw;
    }
  };
  for (int i = 0; i < 2; ++i) {
    auto task = create_task(parent(i == 0 ? obeys() : fails()));
    co_await turns(2);
    task.cancel("stop");
    try {
      co_await task;
    } catch (...) {
      log("main ", name(), ", cancelled ", task.cancelled());
    }
  }
}

// TGR-12, TGR-14: cancelling the parent while it waits for the children, again and again, never abandons them.
SCENARIO(group_cancelled_in_exit) {
  auto slow = [](int n) -> Task<> {
    auto cancelled = co_await cancellation();
    log("child cleans up");
    co_await turns(n);
    log("child ends");
    std::rethrow_exception(cancelled);
  };
  auto parent = [](std::vector<Task<>> children) -> Task<> {
    try {
      co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
        for (Task<>& child : children) tg.create_task(std::move(child));
        co_return;
      });
    } catch (const CancelledError&) {
      log("left with ", name(), ", cancelling ", current_task().cancelling());
      throw;
    } catch (...) {
      log("left with ", error(), ", cancelling ", current_task().cancelling());
      throw;
    }
  };
  std::vector<Task<>> one;
  one.push_back(slow(6));
  auto task = create_task(parent(std::move(one)));
  co_await turns(2);
  for (int i = 0; i < 3; ++i) {
    log("cancel ", i, " ", task.cancel());
    co_await turns(2);
  }
  try {
    co_await task;
  } catch (const CancelledError&) {
    log("cancelled ", task.cancelled(), ", cancelling ", task.cancelling());
  }

  // A cancel while the group drains after a failure reaches the task at its next await.
  auto survives = [&]() -> Task<> {
    std::vector<Task<>> two;
    two.push_back(slow(6));
    two.push_back(fails_after("child", 1));
    try {
      co_await parent(std::move(two));
    } catch (const ExceptionGroup&) {
      log("handled");
    }
    try {
      co_await sleep(0s);
      log("never");
    } catch (const CancelledError&) {
      log("next await: ", name(), ", cancelling ", current_task().cancelling());
    }
  };
  task = create_task(survives());
  co_await turns(6);
  log("cancel ", task.cancel());
  co_await task;
}

// TGR-14: a group raised while a cancellation is pending leaves the count as it is, and the next await is interrupted.
SCENARIO(group_error_and_cancel) {
  auto work = []() -> Task<> {
    auto self = current_task();
    try {
      co_await async_with(TaskGroup{}, [&self](TaskGroup& tg) -> Task<> {
        tg.create_task(fails_after("child", 0));
        self.cancel();
        try {
          co_await sleep(1h);
        } catch (const CancelledError&) {
          log("body, cancelling ", self.cancelling());
          throw;
        }
      });
    } catch (const ExceptionGroup&) {
      log(error(), ", cancelling ", self.cancelling());
    }
    try {
      co_await sleep(0s);
      log("never");
    } catch (const CancelledError&) {
      log(name(), ", cancelling ", self.cancelling());
    }
    co_await sleep(0s);
    log("once only");
  };
  auto task = create_task(work());
  co_await task;
}

// TGR-13, TGR-15: nested groups: an outer failure passes through the inner group; if both fail each raises its own.
SCENARIO(group_nested) {
  auto work = [](bool inner_fails) -> Task<> {
    auto self = current_task();
    try {
      co_await async_with(TaskGroup{}, [&](TaskGroup& outer) -> Task<> {
        outer.create_task(fails_after("outer", 2));
        try {
          co_await async_with(TaskGroup{}, [&](TaskGroup& inner) -> Task<> {
            if (inner_fails) inner.create_task(fails_after("inner", 2));
            co_await sleep(1h);
          });
        } catch (const CancelledError&) {
          log("inner ", name(), ", cancelling ", self.cancelling());
          throw;
        } catch (...) {
          log("inner ", error(), ", cancelling ", self.cancelling());
          throw;
        }
      });
    } catch (...) {
      log("outer ", error(), ", cancelling ", self.cancelling());
    }
    co_await sleep(0s);
    log("not interrupted");
  };
  auto task = create_task(work(false));
  co_await task;
  task = create_task(work(true));
  co_await task;

  // The inner group handles its failure, then the outer body goes on.
  std::optional<TaskHandle<>> survivor;
  co_await async_with(TaskGroup{}, [&survivor](TaskGroup& outer) -> Task<> {
    survivor = outer.create_task(turns(8));
    try {
      co_await async_with(TaskGroup{}, [](TaskGroup& inner) -> Task<> {
        inner.create_task(fails_after("inner only", 1));
        co_await sleep(1h);
      });
    } catch (const ExceptionGroup&) {
      log(error());
    }
    co_await sleep(0s);
    log("outer goes on");
  });
  log("survivor cancelled ", survivor->cancelled());
}

/// An inner scope whose exit replaces the cancellation.
struct ReplacingScope {
  void aenter() {}
  void aexit(std::exception_ptr) { throw RuntimeError("inner scope"); }
};

// TGR-16: a body that answers the group's cancellation with an error of its own does not unbalance the count.
SCENARIO(group_error_replaces) {
  auto self = current_task();
  try {
    co_await async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_after("child", 0));
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        throw RuntimeError("body");
      }
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("not interrupted");

  try {
    co_await async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_after("child", 0));
      co_await async_with(ReplacingScope{}, &endless);
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("not interrupted");
}

// TGR-17: a body that swallows the group's cancellation goes on; the group is raised at its end, the count restored.
SCENARIO(group_body_swallows) {
  auto self = current_task();
  auto never = []() -> Task<> {
    log("never");
    co_return;
  };
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(fails_after("child", 0));
      try {
        co_await sleep(1h);
      } catch (const CancelledError&) {
        log("swallows ", name());
      }
      try {
        tg.create_task(never());
      } catch (const RuntimeError&) {
        log(name());
      }
      co_await sleep(0s);
      log("goes on, cancelling ", self.cancelling());
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", cancelling ", self.cancelling());
  }
  co_await sleep(0s);
  log("not interrupted");
}

Task<> spawns(TaskGroup& tg, int& spawned) {
  ++spawned;
  co_await sleep(0s);
  try {
    if (spawned < 1000) tg.create_task(spawns(tg, spawned));
  } catch (const RuntimeError&) {
    log("refused: ", name());
    throw;
  }
}

// TGR-05, TGR-19: children that keep spawning others are stopped by one failure, and the group ends.
SCENARIO(group_spawning) {
  int spawned = 0;
  auto fails = [&spawned]() -> Task<> {
    co_await turns(5);
    log("fails after ", spawned);
    throw std::invalid_argument("stop");
  };
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(spawns(tg, spawned));
      tg.create_task(fails());
      co_return;
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", spawned ", spawned);
  }
}

// TGR-06, TGR-09: children that fail while the group drains join the error; a child cancelled by the group does not.
SCENARIO(group_child_fails_late) {
  auto cleanup_fails = [](std::string what, int n) -> Task<> {
    auto cancelled = co_await cancellation();
    co_await turns(n);
    log(what);
    throw std::invalid_argument(what);
  };
  auto ignores = [](int n) -> Task<std::string> {
    auto cancelled = co_await cancellation();
    co_await turns(n);
    log("ignores the cancellation");
    co_return "value";
  };
  auto fails = [](std::string what, int n) -> Task<> {
    co_await turns(n);
    log(what);
    throw std::invalid_argument(what);
  };
  std::optional<TaskHandle<std::string>> task;
  try {
    co_await async_with(TaskGroup{}, [&](TaskGroup& tg) -> Task<> {
      tg.create_task(cleanup_fails("third", 5));
      tg.create_task(cleanup_fails("second", 3));
      task = tg.create_task(ignores(7));
      tg.create_task(fails("first", 2));
      co_return;
    });
  } catch (const ExceptionGroup&) {
    log(error(), ", ", task->result());
  }
}

}  // namespace task_groups_scenarios
}  // namespace conformance

// Twins of run_*.py and handler_*.py.

#include "scenario.hpp"

namespace conformance {
namespace running_scenarios {

template <class T>
Task<T> gives(T value) {
  co_await sleep(0s);
  co_return value;
}

void log_running_loop() {
  try {
    static_cast<void>(get_running_loop());
  } catch (const RuntimeError&) {
    log(error());
  }
}

/// Something awaitable that is neither a coroutine nor a future.
struct Awaitable43 {
  bool await_ready() const { return true; }
  void await_suspend(std::coroutine_handle<>) const {}
  int await_resume() const { return 43; }
};

// RUN-01, RUN-02: run() returns the value or raises the error; it takes coroutines and futures; each call has a loop of
// its own.
PLAIN_SCENARIO(run_result) {
  auto fails = []() -> Task<> {
    throw std::invalid_argument("from main");
    co_return;
  };
  auto cancelled = []() -> Task<> {
    current_task().cancel("myself");
    co_await sleep(0s);
  };
  log_running_loop();
  log(asyncio::run(gives(42)));
  for (int i = 0; i < 2; ++i) {
    try {
      asyncio::run(i == 0 ? fails() : cancelled());
    } catch (...) {
      log(error());
    }
  }
  log(asyncio::run(Awaitable43()));
  log_running_loop();
}

Task<> never() {
  log("never");
  co_return;
}

// RUN-03: run() inside a running loop fails at once and starts nothing.
SCENARIO(run_nested) {
  try {
    asyncio::run(never());
  } catch (const RuntimeError&) {
    log(name());
  }
  Runner runner;
  try {
    runner.run(never());
  } catch (const RuntimeError&) {
    log(name());
  }
  auto future = get_running_loop().create_future();
  try {
    get_running_loop().run_until_complete(future);
  } catch (const RuntimeError&) {
    log(name());
  }
  co_await sleep(0s);
  log("the loop goes on");
}

const ContextVar<std::string> var("var", "unset");

Task<> counts() {
  try {
    for (int i = 0; i < 1000; ++i) {
      log("count ", i);
      co_await sleep(0s);
    }
  } catch (const CancelledError&) {
    log("counter ends");
    throw;
  }
}

// RUN-06, RUN-07, RUN-08: a Runner runs repeatedly on one loop and in one context; after close() it refuses.
PLAIN_SCENARIO(run_runner) {
  Runner runner;
  std::vector<TaskHandle<>> background;
  auto first = [&background]() -> Task<EventLoop*> {
    var.set("of the first run");
    background.push_back(create_task(counts()));
    co_return &get_running_loop();
  };
  auto second = []() -> Task<EventLoop*> {
    log("second sees ", var.get());
    co_await sleep(0s);
    co_return &get_running_loop();
  };
  auto fails = []() -> Task<> {
    throw std::invalid_argument("a failing run does not end the runner");
    co_return;
  };
  EventLoop* const one = runner.run(first());
  log("between the runs");
  EventLoop* const two = runner.run(second());
  log("same loop: ", one == two, " ", &runner.get_loop() == one);
  try {
    runner.run(fails());
  } catch (const std::invalid_argument&) {
    log(error());
  }
  runner.close();
  log("loop closed: ", one->is_closed(), ", counter cancelled ", background[0].cancelled());
  runner.close();
  try {
    static_cast<void>(runner.get_loop());
  } catch (const RuntimeError&) {
    log(error());
  }
}

Task<> cleans(std::string who, int n) {
  auto cancelled = co_await cancellation();
  co_await turns(n);
  log(who, " cleaned up");
  std::rethrow_exception(cancelled);
}

Task<> fails_in_cleanup() {
  auto cancelled = co_await cancellation();
  throw std::invalid_argument("in the clean-up");
}

Task<> ignores() {
  auto cancelled = co_await cancellation();
  co_await turns(8);
  log("ignored, and awaited all the same");
}

Task<> unstarted() {
  log("starts in the last turn of the run");
  co_return;
}

// RUN-08, RUN-09: run() cancels what is left and waits for it; an error on the way is reported, the result stands.
PLAIN_SCENARIO(run_leftovers) {
  Runner runner;  // keeps the loop, to which the handles belong
  std::vector<TaskHandle<>> leftovers;
  auto main_task = [&leftovers]() -> Task<std::string> {
    get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext& c) {
      log("handler: ", std::string(c.message), " ", error(c.exception));
    });
    leftovers.push_back(create_task(cleans("slow", 5)));
    leftovers.push_back(create_task(cleans("fast", 2)));
    leftovers.push_back(create_task(fails_in_cleanup()));
    leftovers.push_back(create_task(ignores()));
    co_await sleep(0s);
    leftovers.push_back(create_task(unstarted()));
    log("main ends");
    co_return "result";
  };
  const std::string result = runner.run(main_task());
  runner.close();
  log(result);
  std::string cancelled;
  for (const auto& task : leftovers)
    cancelled += (cancelled.empty() ? "" : ", ") + text(task.cancelled());
  log("[", cancelled, "]");
}

Task<> waits(std::string who) {
  auto cancelled = co_await cancellation();
  log(who, " ", name(cancelled));
  co_await turns(2);
  log(who, " cleaned up");
  std::rethrow_exception(cancelled);
}

// RUN-16, TASK-14, LOP-12: SystemExit in a task or a callback ends the run; the others are cancelled and awaited.
PLAIN_SCENARIO(run_system_exit) {
  auto exits = [](int n) -> Task<> {
    co_await turns(n);
    throw SystemExit(3);
  };
  auto from_task = [&exits]() -> Task<> {
    auto child = create_task(exits(2));
    co_await waits("main");
  };
  auto from_callback = []() -> Task<> {
    get_running_loop().call_soon([] { throw SystemExit(4); });
    co_await waits("main");
  };
  auto from_main = []() -> Task<> {
    auto task = create_task(waits("other"));
    co_await sleep(0s);
    throw SystemExit(5);
  };
  for (int i = 0; i < 3; ++i) {
    try {
      asyncio::run(i == 0 ? from_task() : i == 1 ? from_callback() : from_main());
    } catch (const SystemExit& e) {
      log(name(), " ", e.code());
    }
  }
}

// EXH-01, CBK-11, LOP-12: errors of callbacks reach the handler, and the loop goes on.
SCENARIO(handler_callback) {
  EventLoop& loop = get_running_loop();
  log("no handler: ", !loop.get_exception_handler());
  loop.set_exception_handler([&loop](EventLoop& given, const ExceptionContext& c) {
    log("handler: ", &given == &loop, " ", c.message.starts_with("Exception in callback"), " ",
        error(c.exception));
  });
  log("no handler: ", !loop.get_exception_handler());
  auto fails = [](const char* what) { throw std::invalid_argument(what); };
  loop.call_soon(fails, "soon");
  loop.call_soon(say("the next callback runs"));
  loop.call_later(0s, fails, "later");
  co_await turns(3);

  loop.set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("another: ", std::string(c.message), " ", c.exception ? name(c.exception) : "none");
  });
  ExceptionContext context;
  context.message = "called by hand";
  loop.call_exception_handler(context);
  context.message = "with an error";
  context.exception = std::make_exception_ptr(std::invalid_argument("x"));
  loop.call_exception_handler(context);
  loop.set_exception_handler(nullptr);
  log("no handler: ", !loop.get_exception_handler());
}

// EXH-04: a handler that fails does not stop the loop, and is called again for the next error.
SCENARIO(handler_broken) {
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {
    log("broken handler called");
    throw RuntimeError("in the handler");
  });
  auto fails = [] { throw std::invalid_argument("in a callback"); };
  loop.call_soon(fails);
  loop.call_soon(say("the next callback runs"));
  co_await turns(2);
  loop.call_soon(fails);
  co_await turns(2);
  log("end");
}

// EXH-06, CTX-08: the handler runs in the context of the task or the callback concerned.
SCENARIO(handler_context) {
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler sees ", var.get(), ": ", error(c.exception));
  });
  auto work = []() -> Task<> {
    var.set("of the task");
    throw std::invalid_argument("task");
    co_return;
  };
  auto fails = [] {
    var.set("of the callback");
    throw std::invalid_argument("callback");
  };
  var.set("of main");
  {
    auto task = create_task(work());
    co_await turns(2);
    var.set("of main, later");
  }
  loop.call_soon(fails);
  co_await turns(2);
  log("main sees ", var.get());
}

}  // namespace running_scenarios
}  // namespace conformance

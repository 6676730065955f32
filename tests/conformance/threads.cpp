// Twins of thread_*.py: functions on threads, and coroutines from threads.

#include "scenario.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace conformance {
namespace threads_scenarios {

/// Python's threading.Event.
class ThreadEvent {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  bool is_set() {
    const std::lock_guard lock(mutex_);
    return is_set_;
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

// THR-01: a function runs on another thread, once, and its value or exception comes back.
SCENARIO(thread_to_thread) {
  const auto here = std::this_thread::get_id();
  int calls = 0;
  auto where = [&calls] {
    ++calls;
    return std::this_thread::get_id();
  };
  const auto there = co_await to_thread(where);
  log("on another thread: ", there != here);
  log("calls: ", calls);
  const int sum = co_await to_thread([](int a, int b) { return a + b; }, 20, 22);
  log("sum: ", sum);

  auto fails = [] { throw std::invalid_argument("from the thread"); };
  try {
    co_await to_thread(fails);
  } catch (const std::invalid_argument&) {
    log(error());
  }
  auto unawaited = to_thread(where);
  co_await sleep(0s);
  log("calls before the await: ", calls);
  co_await std::move(unawaited);
  log("calls after it: ", calls);
}

ContextVar<std::string> thread_var{"thread_var", "unset"};

// THR-01, CTX-06: to_thread copies the context, run_in_executor does not.
SCENARIO(thread_context) {
  auto changes = [] {
    const std::string before = thread_var.get();
    thread_var.set("of the thread");
    return before;
  };
  auto get = [] { return thread_var.get(); };
  thread_var.set("of main");
  const std::string first = co_await to_thread(changes);
  log("the thread sees ", first);
  log("main sees ", thread_var.get());
  const std::string next = co_await to_thread(get);
  log("the next one sees ", next);
  const std::string other = co_await run_in_executor(nullptr, get);
  log("run_in_executor sees ", other);
}

// EXE-01: run_in_executor starts at once and gives a future, which is done in a later turn.
SCENARIO(thread_executor_future) {
  ThreadEvent ran, gate;
  auto work = [&](int n) {
    ran.set();
    gate.wait();
    return n + 1;
  };
  auto future = run_in_executor(nullptr, work, 1);
  ran.wait();
  log("it runs, done ", future.done(), ", cancelled ", future.cancelled());
  future.add_done_callback([](Future<int> f) { log("callback, result ", f.result()); });
  gate.set();
  const int result = co_await future;
  log("result ", result);
  log("done ", future.done());
  co_await sleep(0s);

  auto fails = []() -> int { throw RuntimeError("broken"); };
  future = run_in_executor(nullptr, fails);
  try {
    co_await future;
  } catch (const RuntimeError&) {
    log(error());
  }
  log("the same from the future: ", error(future.exception()));
}

// THR-02: cancelling the await of a function that runs ends it promptly; the thread runs on, unobserved.
SCENARIO(thread_cancel_running) {
  ThreadEvent started, gate, ended;
  auto block = [&] {
    started.set();
    gate.wait();
    ended.set();
    return std::string("nobody asks");
  };
  auto task = create_task(to_thread(block));
  while (!started.is_set()) co_await sleep(0s);
  log("cancel ", task.cancel("enough"));
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error());
  }
  log("the function has ended: ", ended.is_set());
  gate.set();
  ended.wait();
  log("now it has: ", ended.is_set());
  log("cancelled ", task.cancelled());
  co_await get_running_loop().shutdown_default_executor();  // the events live on this frame
}

// THR-02, EXE-02: a call that waits for a thread is withdrawn when it is cancelled.
SCENARIO(thread_cancel_queued) {
  ThreadPoolExecutor pool({.max_workers = 1});
  ThreadEvent gate;
  std::vector<std::string> calls;
  auto append = [&calls](std::string line) { calls.push_back(line); };
  auto blocker = run_in_executor(&pool, [&gate] { gate.wait(); });
  auto first = run_in_executor(&pool, append, "first");
  auto second = run_in_executor(&pool, append, "second");
  log("cancel ", first.cancel());
  try {
    co_await first;
  } catch (const CancelledError&) {
    log(error());
  }
  gate.set();
  co_await blocker;
  co_await second;
  log(calls.size(), " call: ", calls[0]);
  log("cancel ", second.cancel());
  pool.shutdown();
}

// EXE-04: after its shutdown the default executor is refused; what ran is waited for.
SCENARIO(thread_shutdown_executor) {
  EventLoop& loop = get_running_loop();
  ThreadEvent gate;
  int ended = 0;
  auto work = [&] {
    gate.wait();
    ++ended;
  };
  auto future = run_in_executor(nullptr, work);
  auto shutdown = create_task(loop.shutdown_default_executor());
  co_await sleep(0s);
  log("shut down: ", shutdown.done());
  gate.set();
  co_await shutdown;
  log("ended: ", ended);
  co_await future;
  try {
    run_in_executor(nullptr, work);
  } catch (const RuntimeError&) {
    log(error());
  }
  try {
    co_await to_thread(work);
  } catch (const RuntimeError&) {
    log(error());
  }
  co_await loop.shutdown_default_executor();
  log("once more is nothing");
}

// THR-03, THR-04: run_coroutine_threadsafe gives the value, or the exception, to another thread.
SCENARIO(thread_threadsafe_result) {
  EventLoop& loop = get_running_loop();
  auto adds = [&loop](int a, int b) -> Task<int> {
    log("adds on the loop: ", &get_running_loop() == &loop);
    co_await turns(2);
    co_return a + b;
  };
  auto fails = []() -> Task<> {
    co_await turns(1);
    throw std::invalid_argument("on the loop");
  };
  auto thread = [&] {
    auto future = run_coroutine_threadsafe(adds(1, 2), loop);
    log("result ", future.get());
    log("done ", future.done(), ", cancelled ", future.cancelled());
    log("cancel ", future.cancel());
    try {
      run_coroutine_threadsafe(fails(), loop).get();
    } catch (const std::invalid_argument&) {
      log(error());
    }
  };
  co_await to_thread(thread);
}

// THR-05: cancelling the thread's future cancels the task on the loop.
SCENARIO(thread_threadsafe_cancel) {
  EventLoop& loop = get_running_loop();
  ThreadEvent started, ended;
  auto waits = [&]() -> Task<> {
    started.set();
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("the task: ", name());
      ended.set();
      throw;
    }
  };
  auto thread = [&] {
    auto future = run_coroutine_threadsafe(waits(), loop);
    started.wait();
    const bool taken = future.cancel();
    const bool cancelled = future.cancelled();
    ended.wait();
    log("cancel ", taken, ", cancelled ", cancelled);
    try {
      future.get();
    } catch (const CancelledError&) {
      log("the thread: ", name());
    }
    log("cancel again ", future.cancel());
  };
  co_await to_thread(thread);
  log("tasks left: ", all_tasks().size() - 1);
}

// THR-05: a thread that waited long enough cancels.
SCENARIO(thread_threadsafe_timeout) {
  EventLoop& loop = get_running_loop();
  auto thread = [&loop] {
    auto future = run_coroutine_threadsafe(endless(), loop);
    log("done in time: ", future.wait_for(1ms));
    log("cancel ", future.cancel());
    log("done now: ", future.wait_for(10s));
  };
  co_await to_thread(thread);
}

// THR-04: a task that ends cancelled on the loop cancels the thread's future.
SCENARIO(thread_threadsafe_cancelled_inside) {
  EventLoop& loop = get_running_loop();
  auto cancels_itself = []() -> Task<> {
    current_task().cancel();
    co_await sleep(0s);
  };
  auto thread = [&] {
    auto future = run_coroutine_threadsafe(cancels_itself(), loop);
    try {
      future.get();
    } catch (const CancelledError&) {
      log("the thread: ", name());
    }
    log("cancelled ", future.cancelled());
  };
  co_await to_thread(thread);
}

// THR-06: the failure of a task factory goes to the thread's future and to the exception handler.
SCENARIO(thread_threadsafe_factory) {
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler([](EventLoop&, const ExceptionContext& context) {
    log("handler: ", describe_error(context.exception).text);
  });
  auto work = []() -> Task<> {
    log("never");
    co_return;
  };
  auto thread = [&]() -> std::string {
    auto future = run_coroutine_threadsafe(work(), loop);
    try {
      future.get();
    } catch (const std::logic_error& e) {
      return e.what();
    }
    return "";
  };
  auto future = run_in_executor(nullptr, thread);
  loop.set_task_factory(
      [](EventLoop&, UnstartedTask) -> AnyTask { throw std::logic_error("the factory"); });
  const std::string said = co_await future;
  log("the thread: ", said);
  loop.set_task_factory(nullptr);
}

// THR-04, THR-05: wrap_future awaits a thread's future on a loop; a loop's own future stays what it is.
SCENARIO(thread_wrap_future) {
  EventLoop& loop = get_running_loop();
  auto gives = [](std::string value) -> Task<std::string> {
    co_await turns(2);
    co_return value;
  };
  auto fails = []() -> Task<> {
    throw std::invalid_argument("there");
    co_return;
  };
  auto waits = []() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      log("inner ", name());
      throw;
    }
  };
  const std::string value = co_await wrap_future(run_coroutine_threadsafe(gives("value"), loop));
  log(value);
  try {
    co_await wrap_future(run_coroutine_threadsafe(fails(), loop));
  } catch (const std::invalid_argument&) {
    log(error());
  }
  auto remote = run_coroutine_threadsafe(waits(), loop);
  auto wrapped = wrap_future(remote);
  co_await turns(3);
  log("cancel ", wrapped.cancel());
  co_await turns(5);
  log("remote cancelled ", remote.cancelled());
  auto own = loop.create_future();
  log("its own: ", wrap_future(own) == own);
}

// CBK-02: call_soon_threadsafe and call_soon share one order, also before the loop runs.
PLAIN_SCENARIO(thread_call_soon_order) {
  auto loop = new_event_loop();
  loop->call_soon_threadsafe(say("a, threadsafe"));
  loop->call_soon(say("b"));
  std::thread([&loop] { loop->call_soon_threadsafe(say("c, from a thread")); }).join();
  loop->call_soon(say("d"));
  loop->call_soon_threadsafe([&loop] { loop->stop(); });
  loop->run_forever();
  loop->call_soon_threadsafe(say("e, threadsafe, between two runs"));
  loop->call_soon([&loop] { loop->stop(); });
  loop->run_forever();
  loop->close();
  try {
    loop->call_soon_threadsafe(say("never"));
  } catch (const RuntimeError&) {
    log(error());
  }
}

}  // namespace threads_scenarios
}  // namespace conformance

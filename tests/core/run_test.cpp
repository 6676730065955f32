#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <cstdlib>
#include <thread>

namespace run_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

/// An environment variable, for a scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    if (value)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }
  Variable(const Variable&) = delete;  // restores once
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (old_)
      ::setenv(name_, old_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

// --- run() ---------------------------------------------------------------------------------------

TEST_CASE("run: gives the result", "[RUN-01]") {
  CHECK(asyncio::run(gives(std::string("text"), 2)) == "text");
  CHECK_NOTHROW(asyncio::run(turns(1)));
}

TEST_CASE("run: lets the exception out", "[RUN-01]") {
  CHECK_THROWS_AS(asyncio::run(fails("wrong", 1)), std::invalid_argument);
}

TEST_CASE("run: gives move-only results and references", "[RUN-01][RUN-15]") {
  Item::count().reset();
  {
    auto work = []() -> Task<Item> { co_return Item(3); };
    CHECK(asyncio::run(work()).value() == 3);
    int target = 1;
    auto refers = [&target]() -> Task<int&> { co_return target; };
    CHECK(asyncio::run(refers) == 1);
  }
  CHECK(Item::count().alive() == 0);
}

TEST_CASE("run: takes callables and other awaitables", "[RUN-02]") {
  CHECK(asyncio::run([] { return gives(1); }) == 1);
  CHECK(asyncio::run([value = std::string("captured")]() -> Task<std::string> {
          co_await turns(2);
          co_return value;
        }) == "captured");
  CHECK(asyncio::run(sleep(0s, 2)) == 2);
}

ASYNC_VIRTUAL_TEST("run: refuses to run inside a loop, the coroutine stays unstarted", "[RUN-03]") {
  bool started = false;
  auto work = [&started]() -> Task<> {
    started = true;
    co_return;
  };
  CHECK_THROWS_AS(asyncio::run(work()), RuntimeError);
  Runner runner;
  CHECK_THROWS_AS(runner.run(work()), RuntimeError);
  CHECK_FALSE(started);
  co_return;
}

Task<bool> debug_mode() { co_return get_running_loop().get_debug(); }

TEST_CASE("run: debug is as asked for", "[RUN-04]") {
  const Variable on("ASYNCIO_DEBUG", "1");
  CHECK(asyncio::run(debug_mode(), {.debug = true}));
  CHECK_FALSE(asyncio::run(debug_mode(), {.debug = false}));
}

TEST_CASE("run: debug follows the environment where nothing is asked for", "[RUN-04]") {
  {
    const Variable on("ASYNCIO_DEBUG", "1");
    CHECK(asyncio::run(debug_mode()));
  }
  {
    const Variable zero("ASYNCIO_DEBUG", "0");
    CHECK_FALSE(asyncio::run(debug_mode()));
  }
  const Variable off("ASYNCIO_DEBUG", nullptr);
  CHECK_FALSE(asyncio::run(debug_mode()));
}

int loops_made = 0;
std::unique_ptr<EventLoop> counting_factory() {
  ++loops_made;
  return testing::new_event_loop();
}

TEST_CASE("run: the loop factory is called once, its loop is not installed", "[RUN-05]") {
  loops_made = 0;
  set_event_loop(nullptr);
  Runner runner({.loop_factory = &counting_factory});
  CHECK(loops_made == 0);
  CHECK(runner.run(gives(1)) == 1);
  CHECK(runner.run(gives(2)) == 2);
  CHECK(loops_made == 1);
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
}

TEST_CASE("run: its own loop is installed until it closes", "[RUN-05][RUN-08]") {
  set_event_loop(nullptr);
  Runner runner;
  EventLoop& loop = runner.get_loop();
  CHECK(&get_event_loop() == &loop);
  runner.close();
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
}

TEST_CASE("run: takes the backend asked for", "[RUN-01]") {
  auto name = []() -> Task<std::string> { co_return std::string(get_running_loop().backend()); };
  CHECK(asyncio::run(name, {.backend = Backend::epoll}) == "epoll");
}

// --- Runner --------------------------------------------------------------------------------------

TEST_CASE("runner: makes nothing before the first use", "[RUN-06]") {
  loops_made = 0;
  {
    const Runner unused({.loop_factory = &counting_factory});
    CHECK(loops_made == 0);
  }
  CHECK(loops_made == 0);
  Runner runner({.loop_factory = &counting_factory});
  static_cast<void>(runner.get_loop());
  CHECK(loops_made == 1);
}

TEST_CASE("runner: once closed it refuses everything", "[RUN-06]") {
  Runner runner;
  CHECK(runner.run(gives(1)) == 1);
  runner.close();
  CHECK_THROWS_WITH(runner.get_loop(), "Runner is closed");
  CHECK_THROWS_AS(runner.run(gives(1)), RuntimeError);
}

TEST_CASE("runner: closing twice is harmless, so is closing one that never ran", "[RUN-08]") {
  Runner runner(testing::new_event_loop());
  CHECK(runner.run(gives(1)) == 1);
  runner.close();
  CHECK_NOTHROW(runner.close());
  Runner unused;
  CHECK_NOTHROW(unused.close());
}

TEST_CASE("runner: all runs share one loop and one context", "[RUN-07][CTX-07]") {
  static const ContextVar<int> var("runner", 0);
  Runner runner;
  EventLoop* first = nullptr;
  auto sets = [&first]() -> Task<> {
    first = &get_running_loop();
    var.set(5);
    co_return;
  };
  auto reads = [&first]() -> Task<int> {
    CHECK(&get_running_loop() == first);
    co_return var.get();
  };
  runner.run(sets);
  CHECK(runner.run(reads) == 5);
  CHECK(var.get() == 0);
}

TEST_CASE("runner: an explicit context is for that run", "[RUN-07]") {
  static const ContextVar<int> var("runner_explicit", 0);
  Runner runner;
  auto sets = []() -> Task<> {
    var.set(5);
    co_return;
  };
  auto reads = []() -> Task<int> { co_return var.get(); };
  const Context context;
  runner.run(sets, context);
  CHECK(runner.run(reads) == 0);
  CHECK(runner.run(reads, context) == 5);
}

// --- the end -------------------------------------------------------------------------------------

TEST_CASE("run: cancels what is left and waits for its clean-up", "[RUN-08]") {
  Trace trace;
  auto child = [&trace]() -> Task<> {
    const std::exception_ptr error = co_await cancellation();
    trace.push_back("cancelled");
    co_await turns(3);
    trace.push_back("cleaned up");
    std::rethrow_exception(error);
  };
  auto main = [&]() -> Task<> {
    create_task(child());
    co_await turns(1);
  };
  asyncio::run(main);
  CHECK(trace == Trace{"cancelled", "cleaned up"});
}

TEST_CASE("run: cancels what is left when the main task fails, too", "[RUN-08]") {
  bool cancelled = false;
  auto child = [&cancelled]() -> Task<> {
    static_cast<void>(co_await cancellation());
    cancelled = true;
  };
  auto main = [&]() -> Task<> {
    create_task(child());
    co_await fails("main", 1);
  };
  CHECK_THROWS_AS(asyncio::run(main), std::invalid_argument);
  CHECK(cancelled);
}

TEST_CASE("run: tasks that are made during the clean-up are cancelled as well", "[RUN-08]") {
  Trace trace;
  auto second = [&trace]() -> Task<> {
    static_cast<void>(co_await cancellation());
    trace.push_back("second");
  };
  auto first = [&]() -> Task<> {
    static_cast<void>(co_await cancellation());
    create_task(second(), {.eager_start = true});
    trace.push_back("first");
  };
  auto main = [&]() -> Task<> {
    create_task(first());
    co_await turns(1);
  };
  testing::run(main);
  CHECK(trace == Trace{"first", "second"});
}

TEST_CASE("run: tasks that never stop making tasks are destroyed in the end", "[RUN-08]") {
  Item::count().reset();
  int generations = 0;
  std::function<Task<>(Item)> hydra = [&](Item) -> Task<> {
    static_cast<void>(co_await cancellation());
    ++generations;
    create_task(hydra(Item(1)), {.eager_start = true});
  };
  auto main = [&]() -> Task<> {
    get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    create_task(hydra(Item(1)));
    co_await turns(1);
  };
  testing::run(main);
  CHECK(generations > 1);
  CHECK(Item::count().alive() == 0);
}

TEST_CASE("run: a left-over task that answers with an error is reported", "[RUN-09]") {
  Trace trace;
  auto main = [&trace]() -> Task<int> {
    get_running_loop().set_exception_handler([&trace](EventLoop&, const ExceptionContext& context) {
      trace.push_back(std::string(context.message));
      trace.push_back(context.task.get_name());
      trace.push_back(describe(context.exception));
    });
    create_task(fails_when_cancelled("stubborn"), {.name = "child"});
    co_await turns(1);
    co_return 1;
  };
  CHECK(testing::run(main) == 1);
  CHECK(trace == Trace{"unhandled exception during asyncio.run() shutdown", "child",
                       "invalid_argument(stubborn)"});
}

TEST_CASE("run: SystemExit from a task comes out, the others are cancelled first", "[RUN-16]") {
  Trace trace;
  auto exits = []() -> Task<> {
    co_await turns(2);
    throw SystemExit(7);
  };
  auto main = [&]() -> Task<> {
    auto child = create_task(exits());
    const std::string how = co_await ending(endless());
    trace.push_back(how);
  };
  int code = 0;
  try {
    testing::run(main);
  } catch (const SystemExit& exit) {
    code = exit.code();
  }
  CHECK(code == 7);
  CHECK(trace == Trace{"CancelledError"});
}

TEST_CASE("run: KeyboardInterrupt from the main task comes out", "[RUN-16][LOP-08]") {
  Runner runner(testing::new_event_loop());
  auto main = []() -> Task<> {
    co_await turns(1);
    throw KeyboardInterrupt();
  };
  CHECK_THROWS_AS(runner.run(main), KeyboardInterrupt);
  CHECK(runner.run(gives(1, 2)) == 1);  // no stop is left over
}

TEST_CASE("run: SystemExit from a callback comes out", "[RUN-16]") {
  auto main = []() -> Task<> {
    get_running_loop().call_soon([] { throw SystemExit(4); });
    co_await endless();
  };
  CHECK_THROWS_AS(testing::run(main), SystemExit);
}

TEST_CASE("run: a cancelled main task lets CancelledError out", "[RUN-13]") {
  auto main = []() -> Task<> {
    current_task().cancel("myself");
    co_await turns(1);
  };
  std::string message;
  try {
    testing::run(main);
  } catch (const CancelledError& error) {
    message = error.message();
  }
  CHECK(message == "myself");
}

TEST_CASE("run: on two threads at once, each its own loop", "[LOP-01]") {
  auto work = [](int n) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < n; ++i) {
      sum += co_await create_task(gives(1));
    }
    co_return sum;
  };
  int other = 0;
  std::thread thread([&] { other = asyncio::run(work(2000)); });
  const int here = asyncio::run(work(1000));
  thread.join();
  CHECK(here == 1000);
  CHECK(other == 2000);
}

// --- run_main() ----------------------------------------------------------------------------------

TEST_CASE("run_main: 0, an int result, a SystemExit's code, and 1 for an error", "[RUN-01]") {
  auto exits = []() -> Task<> {
    co_await turns(1);
    throw SystemExit(9);
  };
  CHECK(run_main(turns(1)) == 0);
  CHECK(run_main(gives(5)) == 5);
  CHECK(run_main(gives(std::string("no number"))) == 0);
  CHECK(run_main(exits) == 9);
}

// --- run_until_complete --------------------------------------------------------------------------

TEST_CASE("run_until_complete: gives the outcome", "[LOP-06]") {
  auto loop = testing::new_event_loop();
  CHECK(loop->run_until_complete(gives(1, 2)) == 1);
  CHECK_THROWS_AS(loop->run_until_complete(fails("wrong")), std::invalid_argument);
  auto future = loop->create_future<std::string>();
  loop->call_later(1h, [future] { future.set_result("later"); });
  CHECK(loop->run_until_complete(future) == "later");
}

TEST_CASE("run_until_complete: leaves the result with a handle that the caller keeps", "[LOP-06]") {
  auto loop = testing::new_event_loop();
  auto task = loop->create_task(gives(std::string("a text that is too long to be kept in place")));
  const std::string result = loop->run_until_complete(task);
  CHECK(task.result() == result);
}

TEST_CASE("run_until_complete: a future of another loop is refused", "[LOP-06]") {
  auto loop = testing::new_event_loop();
  auto other = testing::new_event_loop();
  CHECK_THROWS_AS(loop->run_until_complete(other->create_future<int>()), std::invalid_argument);
}

TEST_CASE("run_until_complete: throws if the loop is stopped first", "[LOP-06]") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  loop->call_soon([&loop] { loop->stop(); });
  CHECK_THROWS_WITH(loop->run_until_complete(future),
                    "Event loop stopped before Future completed.");
  future.set_result(1);
  CHECK(loop->run_until_complete(future) == 1);
}

TEST_CASE("run_until_complete: leaves no stop for the next run when it ends by an exception",
          "[LOP-06][LOP-08]") {
  auto loop = testing::new_event_loop();
  auto exits = []() -> Task<> {
    co_await turns(1);
    throw SystemExit(1);
  };
  CHECK_THROWS_AS(loop->run_until_complete(exits()), SystemExit);
  bool late = false;
  loop->call_later(1h, [&] {
    late = true;
    loop->stop();
  });
  loop->run_forever();
  CHECK(late);
}

TEST_CASE("run: what a task that is left over ends by, SystemExit too, leaves run()", "[RUN-08]") {
  auto leftover = []() -> Task<> {
    try {
      co_await get_running_loop().create_future();
    } catch (const CancelledError&) {
    }
    throw SystemExit(3);
  };
  auto main = [&]() -> Task<> {
    create_task(leftover);
    co_await sleep(std::chrono::seconds(0));
  };
  int code = 0;
  try {
    asyncio::run(main);
  } catch (const SystemExit& exit) {
    code = exit.code();
  }
  CHECK(code == 3);
}

TEST_CASE("run_until_complete: in a running loop it schedules nothing", "[LOP-06]") {
  bool ran = false;
  auto other = [&ran]() -> Task<> {
    ran = true;
    co_return;
  };
  auto main = [&]() -> Task<> {
    CHECK_THROWS_AS(get_running_loop().run_until_complete(other), RuntimeError);
    co_await sleep(std::chrono::seconds(0));
  };
  asyncio::run(main);
  CHECK_FALSE(ran);
}

}  // namespace

}  // namespace run_test

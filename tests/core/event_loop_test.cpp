#include <asyncio/core/event_loop.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <thread>

#include <poll.h>

namespace event_loop_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

// --- running and stopping ------------------------------------------------------------------------

TEST_CASE("run_forever: runs until stop, and can run again", "[LOP-04][LOP-07][LOP-09]") {
  auto loop = testing::new_event_loop();
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop->call_soon([&] {
      CHECK(loop->is_running());
      ++runs;
      loop->stop();
    });
    CHECK_FALSE(loop->is_running());
    loop->run_forever();
    CHECK_FALSE(loop->is_running());
  }
  CHECK(runs == 2);
}

TEST_CASE("run_forever: refuses a closed loop", "[LOP-04]") {
  auto loop = testing::new_event_loop();
  loop->close();
  CHECK_THROWS_WITH(loop->run_forever(), "Event loop is closed");
  CHECK_THROWS_AS(loop->run_once(), RuntimeError);
}

TEST_CASE("run_forever: refuses a loop that runs, and a second loop on the thread", "[LOP-04]") {
  auto loop = testing::new_event_loop();
  auto other = testing::new_event_loop();
  Trace trace;
  const auto tries = [&trace](EventLoop& nested) {
    try {
      nested.run_forever();
    } catch (const RuntimeError& error) {
      trace.push_back(error.what());
    }
  };
  loop->call_soon([&] {
    tries(*loop);
    tries(*other);
    loop->stop();
  });
  loop->run_forever();
  CHECK(trace == Trace{"This event loop is already running",
                       "Cannot run the event loop while another loop is running"});
  CHECK_FALSE(loop->is_running());
  CHECK_FALSE(other->is_running());
}

TEST_CASE("stop: the current turn ends, what was added in it waits for the next run", "[LOP-07]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] {
    trace.push_back("first");
    loop->call_soon([&] { trace.push_back("added"); });
    loop->stop();
  });
  loop->call_soon([&] { trace.push_back("second"); });
  loop->run_forever();
  CHECK(trace == Trace{"first", "second"});
  loop->stop();
  loop->run_forever();
  CHECK(trace == Trace{"first", "second", "added"});
}

TEST_CASE("stop: before running gives one turn that waits for nothing", "[LOP-07]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] { trace.push_back("ready"); });
  loop->call_later(1h, [&] { trace.push_back("timer"); });
  loop->stop();
  loop->run_forever();
  CHECK(trace == Trace{"ready"});
}

TEST_CASE("run_once: one turn, for driving the loop from elsewhere", "[LOP-05]") {
  auto loop = testing::new_event_loop();
  int turns_run = 0;
  std::function<void()> again = [&] {
    ++turns_run;
    loop->call_soon(again);
  };
  loop->call_soon(again);
  loop->run_once();
  CHECK(turns_run == 1);
  loop->run_once();
  CHECK(turns_run == 2);
  CHECK_FALSE(loop->is_running());
}

TEST_CASE("run_once: lets SystemExit out", "[LOP-05][LOP-12]") {
  auto loop = testing::new_event_loop();
  loop->call_soon([] { throw SystemExit(1); });
  CHECK_THROWS_AS(loop->run_once(), SystemExit);
}

TEST_CASE("fd: is readable when another thread has posted", "[LOP-05]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  auto loop = new_event_loop(backend);
  loop->run_once();
  bool called = false;
  std::thread([&] { loop->call_soon_threadsafe([&called] { called = true; }); }).join();
  pollfd entry{.fd = loop->fd(), .events = POLLIN, .revents = 0};
  CHECK(::poll(&entry, 1, 10'000) == 1);
  loop->run_once();
  CHECK(called);
}

TEST_CASE("next_deadline: nothing, the first timer, or now", "[LOP-05]") {
  auto loop = testing::new_event_loop();
  loop->run_once();  // hands the backend's own requests to the kernel
  CHECK_FALSE(loop->next_deadline().has_value());
  auto timer = loop->call_later(1h, [] {});
  CHECK(loop->next_deadline() == timer.when());
  loop->call_soon([] {});
  CHECK(loop->next_deadline() == loop->time());
}

TEST_CASE("next_deadline: now, while something is to be handed to the kernel", "[LOP-05]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  auto loop = new_event_loop(backend);
  loop->run_once();
  CHECK_FALSE(loop->next_deadline().has_value());
  os::EventFd event;
  std::uint64_t count = 0;
  detail::Operation operation;
  detail::prepare_read(operation, event.fd(), &count, sizeof count);
  operation.on_complete = [](detail::Operation&) noexcept {};
  const auto before = loop->time();
  loop->backend_interface().submit(operation);
  REQUIRE(loop->next_deadline().has_value());
  CHECK(*loop->next_deadline() >= before);
  loop->run_once();
  CHECK_FALSE(loop->next_deadline().has_value());
  event.signal();
  pollfd entry{.fd = loop->fd(), .events = POLLIN, .revents = 0};
  CHECK(::poll(&entry, 1, 10'000) == 1);
  while (operation.state != detail::OperationState::done) loop->run_once(1s);
  CHECK(operation.result == sizeof count);
}

// --- closing -------------------------------------------------------------------------------------

TEST_CASE("close: refuses a running loop", "[LOP-10]") {
  auto loop = testing::new_event_loop();
  bool refused = false;
  loop->call_soon([&] {
    try {
      loop->close();
    } catch (const RuntimeError&) {
      refused = true;
    }
    loop->stop();
  });
  loop->run_forever();
  CHECK(refused);
  CHECK_FALSE(loop->is_closed());
}

TEST_CASE("close: drops what is scheduled without running it", "[LOP-10][LOP-09]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  bool called = false;
  loop->call_soon([&called, item = Item(1)] { called = true; });
  loop->call_later(1s, [&called, item = Item(1)] { called = true; });
  loop->call_soon_threadsafe([&called, item = Item(1)] { called = true; });
  CHECK(Item::count().alive() == 3);
  loop->close();
  CHECK(loop->is_closed());
  CHECK_FALSE(called);
  CHECK(Item::count().alive() == 0);
  CHECK_NOTHROW(loop->close());
}

TEST_CASE("close: afterwards nothing can be scheduled", "[LOP-10]") {
  auto loop = testing::new_event_loop();
  loop->close();
  CHECK_THROWS_WITH(loop->call_soon([] {}), "Event loop is closed");
  CHECK_THROWS_WITH(loop->call_later(1s, [] {}), "Event loop is closed");
  CHECK_THROWS_WITH(loop->call_at(loop->time(), [] {}), "Event loop is closed");
  CHECK_THROWS_WITH(loop->call_soon_threadsafe([] {}), "Event loop is closed");
  CHECK_THROWS_WITH(loop->create_task(turns(1)), "Event loop is closed");
}

TEST_CASE("close: what a destructor schedules while closing is refused, not lost silently",
          "[LOP-10]") {
  auto loop = testing::new_event_loop();
  bool refused = false;
  struct Schedules {
    EventLoop& loop;
    bool& refused;
    ~Schedules() {
      try {
        loop.call_soon([] {});
      } catch (const RuntimeError&) {
        refused = true;
      }
    }
  };
  loop->call_soon([schedules = std::make_shared<Schedules>(Schedules{*loop, refused})] {});
  refused = false;
  loop->close();
  CHECK(refused);
}

// --- time ----------------------------------------------------------------------------------------

TEST_CASE("time: is the monotonic clock, or the virtual one of a test", "[LOP-11]") {
  auto real = new_event_loop(Backend::epoll);
  const auto before = std::chrono::steady_clock::now();
  const auto now = real->time();
  CHECK(before <= now);
  CHECK(now <= std::chrono::steady_clock::now());
  auto loop = testing::new_event_loop();
  const auto start = loop->time();
  loop->run_until_complete(sleep(24h));
  CHECK(loop->time() - start == 24h);
}

// --- what comes out of callbacks -----------------------------------------------------------------

TEST_CASE("failures: an exception from a callback is reported, the loop goes on",
          "[LOP-12][CBK-11]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Handle handle = loop->call_soon([] { throw std::invalid_argument("wrong"); });
  loop->set_exception_handler([&](EventLoop& in, const ExceptionContext& context) {
    CHECK(&in == loop.get());
    CHECK(context.handle == handle);
    CHECK_FALSE(context.task);
    trace.push_back(std::string(context.message) + ": " + describe(context.exception));
  });
  loop->call_soon([&] { trace.push_back("next"); });
  loop->run_once();
  CHECK(trace == Trace{"Exception in callback: invalid_argument(wrong)", "next"});
}

TEST_CASE("failures: a CancelledError out of a callback is reported too", "[LOP-12]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
    trace.push_back(describe(context.exception));
  });
  loop->call_soon([] { throw CancelledError("stray"); });
  loop->run_once();
  CHECK(trace == Trace{"CancelledError(stray)"});
}

TEST_CASE("failures: SystemExit ends the run at once, the rest runs next time",
          "[LOP-12][EXC-11]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([] { throw SystemExit(2); });
  loop->call_soon([&] { trace.push_back("left over"); });
  CHECK_THROWS_AS(loop->run_forever(), SystemExit);
  CHECK(trace.empty());
  loop->call_soon([&] { trace.push_back("new"); });
  loop->run_once();
  CHECK(trace == Trace{"left over", "new"});
}

// --- the exception handler -----------------------------------------------------------------------

TEST_CASE("exception handler: set, get and reset", "[EXH-01]") {
  auto loop = testing::new_event_loop();
  CHECK_FALSE(loop->get_exception_handler());
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  CHECK(loop->get_exception_handler());
  loop->set_exception_handler(nullptr);
  CHECK_FALSE(loop->get_exception_handler());
}

TEST_CASE("exception handler: gets what call_exception_handler is given", "[EXH-02][EXH-07]") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  const auto error = std::make_exception_ptr(std::invalid_argument("x"));
  int calls = 0;
  loop->set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
    ++calls;
    CHECK(context.message == "custom");
    CHECK(context.exception == error);
    CHECK(context.future == future);
    CHECK_FALSE(context.task);
    CHECK_FALSE(context.handle);
  });
  loop->call_exception_handler({.message = "custom",
                                .exception = error,
                                .task = {},
                                .future = future,
                                .handle = {},
                                .where = {}});
  CHECK(calls == 1);
}

/// What a function writes to stderr.
template <class F>
std::string errors_of(F&& function) {
  std::fflush(stderr);
  std::FILE* const file = std::tmpfile();
  const int saved = ::dup(2);
  ::dup2(::fileno(file), 2);
  function();
  std::fflush(stderr);
  ::dup2(saved, 2);
  ::close(saved);
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

TEST_CASE("exception handler: the default one prints message, exception and origin", "[EXH-03]") {
  auto loop = testing::new_event_loop();
  const std::string text = errors_of([&] {
    auto task = loop->create_task(fails("told to stderr"));
    loop->run_once();
  });
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("Task exception was never retrieved"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("told to stderr"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("std::invalid_argument"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("event_loop_test.cpp"));
}

TEST_CASE("exception handler: one that throws is reported to the default one", "[EXH-04]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {
    throw std::runtime_error("the handler is broken");
  });
  loop->call_soon([] { throw std::invalid_argument("the original"); });
  const std::string text = errors_of([&] { loop->run_once(); });
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("Unhandled error in exception handler"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("the handler is broken"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("the original"));
}

TEST_CASE("exception handler: SystemExit out of it stops the loop", "[EXH-05][EXC-11]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) { throw SystemExit(3); });
  loop->call_soon([] { throw std::invalid_argument("reason"); });
  CHECK_THROWS_AS(loop->run_forever(), SystemExit);
}

TEST_CASE("exception handler: may replace itself while it runs", "[EXH-01]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->set_exception_handler([&](EventLoop& in, const ExceptionContext&) {
    Trace* const kept = &trace;
    in.set_exception_handler(
        [kept](EventLoop&, const ExceptionContext&) { kept->push_back("second"); });
    kept->push_back("first");
  });
  loop->call_soon([] { throw std::invalid_argument("1"); });
  loop->call_soon([] { throw std::invalid_argument("2"); });
  loop->run_once();
  CHECK(trace == Trace{"first", "second"});
}

TEST_CASE("exception handler: runs in the context of the task concerned", "[EXH-06][CTX-08]") {
  static const ContextVar<std::string> var("handler", "outside");
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->set_exception_handler(
      [&](EventLoop&, const ExceptionContext&) { trace.push_back(var.get()); });
  auto work = []() -> Task<> {
    var.set("the task's");
    co_await fails("unseen");
  };
  loop->create_task(work());
  loop->run_once();
  CHECK(trace == Trace{"the task's"});
  CHECK(var.get() == "outside");
}

TEST_CASE("exception handler: runs in the context of the callback concerned", "[EXH-06][CTX-08]") {
  static const ContextVar<std::string> var("handler_of_callback", "outside");
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->set_exception_handler(
      [&](EventLoop&, const ExceptionContext&) { trace.push_back(var.get()); });
  loop->call_soon([] {
    var.set("the callback's");
    throw std::invalid_argument("unseen");
  });
  loop->run_once();
  CHECK(trace == Trace{"the callback's"});
}

// --- debug ---------------------------------------------------------------------------------------

TEST_CASE("debug: can be switched at any time") {
  auto loop = testing::new_event_loop({.debug = true});
  CHECK(loop->get_debug());
  loop->set_debug(false);
  CHECK_FALSE(loop->get_debug());
}

TEST_CASE("debug: another thread is refused while the loop runs", "[FUT-18][CBK-10][DBG-04]") {
  auto loop = testing::new_event_loop({.debug = true});
  Trace trace;
  loop->call_soon([&] {
    std::thread([&] {
      const auto tries = [&trace](auto function) {
        try {
          function();
          trace.push_back("taken");
        } catch (const RuntimeError&) {
          trace.push_back("refused");
        }
      };
      tries([&] { loop->call_soon([] {}); });
      tries([&] { loop->call_later(1s, [] {}); });
      tries([&] { loop->call_at(loop->time(), [] {}); });
      tries([&] { loop->create_task(turns(1)); });
      tries([&] { loop->call_soon_threadsafe([] {}); });
    }).join();
  });
  loop->run_once();
  CHECK(trace == Trace{"refused", "refused", "refused", "refused", "taken"});
}

// --- the rest ------------------------------------------------------------------------------------

TEST_CASE("backend: says its name, and why it is not the other", "[LOP-13]") {
  auto asked_for = new_event_loop(Backend::epoll);
  CHECK(asked_for->backend() == "epoll");
  CHECK(asked_for->backend_reason() == "epoll, because the program asks for it by name");
  auto automatic = new_event_loop();
  const std::string beginning = std::string(automatic->backend()) + ", because ";
  CHECK(automatic->backend_reason().substr(0, beginning.size()) == beginning);
}

ASYNC_TEST("loop: timers and callbacks on the kernel's clock", "[LOP-13]") {
  const auto start = get_running_loop().time();
  co_await sleep(1ms);
  CHECK(get_running_loop().time() - start >= 1ms);
}

TEST_CASE("loop: two of them take turns on one thread") {
  auto a = testing::new_event_loop();
  auto b = testing::new_event_loop();
  auto in_a = a->create_task(gives(1, 2));
  auto in_b = b->create_task(gives(2, 2));
  for (int i = 0; i < 5; ++i) {
    a->run_once();
    b->run_once();
  }
  CHECK(in_a.result() == 1);
  CHECK(in_b.result() == 2);
}

TEST_CASE("loop: destroying the installed one uninstalls it", "[LOP-03]") {
  auto loop = testing::new_event_loop();
  set_event_loop(loop.get());
  loop.reset();
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
}

// --- debug mode: objects that are gone before the coroutine starts ------------------------------

struct Talker {
  int word = 7;
  Task<> talk() { co_return; }
};
/// Not inlined: an inlined one's locals would lie in the caller's coroutine frame.
__attribute__((noinline)) TaskHandle<> schedules_a_temporary() {
  return create_task(Talker{}.talk());
}
[[maybe_unused]] __attribute__((noinline)) TaskHandle<> schedules_a_lambda_temporary(int word) {
  return create_task([word]() -> Task<> {
    static_cast<void>(word);
    co_return;
  }());
}

ASYNC_VIRTUAL_TEST("debug mode: reports a coroutine whose object is a temporary") {
  if (!ASYNCIO_RECYCLES_FRAMES) SKIP("AddressSanitizer moves temporaries to a heap of its own");
  EventLoop& loop = get_running_loop();
  loop.set_debug(true);
  std::vector<std::string> reports;
  loop.set_exception_handler([&reports](EventLoop&, const ExceptionContext& context) {
    reports.push_back(std::string(context.message) + (context.where.line() != 0 ? " placed" : ""));
  });
  co_await schedules_a_temporary();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].starts_with("asyncio: create_task() got a coroutine whose lambda, or object,"));
  CHECK(reports[0].ends_with(" placed"));
#if !defined(__clang__)  // clang 19 does not tell a promise of the lambda
  co_await schedules_a_lambda_temporary(1);
  CHECK(reports.size() == 2);
#endif
  loop.set_exception_handler(nullptr);
}

ASYNC_VIRTUAL_TEST(
    "debug mode: an object in a coroutine, a named lambda and one without captures are fine") {
  EventLoop& loop = get_running_loop();
  loop.set_debug(true);
  int reports = 0;
  loop.set_exception_handler([&reports](EventLoop&, const ExceptionContext&) { ++reports; });
  Talker talker;
  co_await create_task(talker.talk());
  auto named = [&talker]() -> Task<> {
    static_cast<void>(talker);
    co_return;
  };
  co_await create_task(named());
  co_await create_task(named);
  co_await create_task([]() -> Task<> { co_return; }());
  CHECK(reports == 0);
  loop.set_exception_handler(nullptr);
}

}  // namespace

}  // namespace event_loop_test

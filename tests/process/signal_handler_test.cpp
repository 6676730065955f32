#include <asyncio/process/signal_handler.hpp>

#include "process_support.hpp"

#include <memory>
#include <thread>

namespace signal_handler_test {

using namespace asyncio_test;
using namespace asyncio;

ASYNC_TEST("add_signal_handler: is called with its arguments, as a callback", "[process][SIG-01]") {
  std::vector<std::string> calls;
  auto handler = [&calls](const std::string& text, int number) {
    calls.push_back(text + std::to_string(number));
    CHECK_FALSE(current_task());
  };
  add_signal_handler(SIGUSR1, handler, "call", 7);
  std::raise(SIGUSR1);
  CHECK(calls.empty());  // not inside the signal
  co_await until([&calls] { return !calls.empty(); });
  std::raise(SIGUSR1);
  co_await until([&calls] { return calls.size() == 2; });
  CHECK(calls == std::vector<std::string>{"call7", "call7"});
  CHECK(remove_signal_handler(SIGUSR1));
}

ASYNC_TEST("add_signal_handler: a signal ends a wait without end", "[process][SIG-03]") {
  auto future = get_running_loop().create_future<int>();
  add_signal_handler(SIGUSR1, [future]() mutable { future.set_result(1); });
  std::thread sender([] {
    std::this_thread::sleep_for(5ms);
    ::kill(::getpid(), SIGUSR1);
  });
  const int value = co_await future;
  CHECK(value == 1);
  sender.join();
  remove_signal_handler(SIGUSR1);
}

ASYNC_TEST("add_signal_handler: another one replaces the first", "[process][SIG-01]") {
  std::string log;
  add_signal_handler(SIGUSR1, [&log] { log += 'a'; });
  add_signal_handler(SIGUSR1, [&log] { log += 'b'; });
  std::raise(SIGUSR1);
  co_await until([&log] { return !log.empty(); });
  CHECK(log == "b");
  CHECK(remove_signal_handler(SIGUSR1));
  CHECK_FALSE(remove_signal_handler(SIGUSR1));
}

ASYNC_TEST("add_signal_handler: a handler may remove itself, or move only", "[process][SIG-02]") {
  int calls = 0;
  auto owned = std::make_unique<int>(3);
  auto handler = [&calls, owned = std::move(owned)] {
    calls += *owned;
    CHECK(remove_signal_handler(SIGUSR1));
  };
  add_signal_handler(SIGUSR1, std::move(handler));
  std::raise(SIGUSR1);
  co_await until([&calls] { return calls != 0; });
  CHECK(calls == 3);
}

ASYNC_TEST("add_signal_handler: runs in the context of its maker", "[process][SIG-01]") {
  static ContextVar<int> number{"number", 0};
  int seen = -1;
  const auto token = number.set(5);
  add_signal_handler(SIGUSR1, [&seen] { seen = number.get(); });
  number.set(6);
  std::raise(SIGUSR1);
  co_await until([&seen] { return seen != -1; });
  CHECK(seen == 5);
  remove_signal_handler(SIGUSR1);
}

ASYNC_TEST("add_signal_handler: one that throws is reported and stays", "[process][SIG-01]") {
  std::vector<std::string> reports;
  get_running_loop().set_exception_handler(
      [&reports](EventLoop&, const ExceptionContext& c) { reports.emplace_back(c.message); });
  add_signal_handler(SIGUSR1, [] { throw std::runtime_error("oops"); });
  for (std::size_t i = 1; i <= 2; ++i) {
    std::raise(SIGUSR1);
    co_await until([&reports, i] { return reports.size() == i; });
  }
  get_running_loop().set_exception_handler(nullptr);
  remove_signal_handler(SIGUSR1);
}

ASYNC_TEST("add_signal_handler: what is no signal, or cannot be caught", "[process][SIG-01]") {
  auto nothing = [] {};
  for (const int signum : {0, -1, NSIG, 4711}) {
    CHECK_THROWS_AS(add_signal_handler(signum, nothing), std::invalid_argument);
    CHECK_THROWS_AS(remove_signal_handler(signum), std::invalid_argument);
  }
  CHECK_THROWS_WITH(add_signal_handler(SIGKILL, nothing), "sig 9 cannot be caught");
  CHECK_THROWS_AS(add_signal_handler(SIGSTOP, nothing), RuntimeError);
  co_await sleep(0s);
}

TEST_CASE("add_signal_handler: needs a running loop", "[process][SIG-01]") {
  CHECK_THROWS_AS(add_signal_handler(SIGUSR1, [] {}), RuntimeError);
  CHECK_THROWS_AS(remove_signal_handler(SIGUSR1), RuntimeError);
}

TEST_CASE("add_signal_handler: refuses another thread than the main one", "[process][SIG-01]") {
  std::string text;
  std::thread([&text] {
    auto main = []() -> Task<std::string> {
      std::string message;
      try {
        add_signal_handler(SIGUSR1, [] {});
      } catch (const RuntimeError& error) {
        message = error.what();
      }
      co_return message;
    };
    text = asyncio::run(main());
  }).join();
  CHECK(text == "asyncio: add_signal_handler() only works on the main thread; use a SignalSet");
}

TEST_CASE("add_signal_handler: the end of the loop restores what was there", "[process][SIG-02]") {
  CHECK(scenario_ending([] {
          std::signal(SIGUSR1, SIG_IGN);
          auto main = []() -> Task<> {
            add_signal_handler(SIGUSR1, [] {});
            co_await sleep(0s);
          };
          asyncio::run(main());
          EXPECT_IN_CHILD(std::signal(SIGUSR1, SIG_DFL) == SIG_IGN);
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("add_signal_handler: SIGINT goes to it, and to run() when it is removed",
          "[process][SIG-02]") {
  CHECK(scenario_ending([] {
          auto main = []() -> Task<int> {
            int calls = 0;
            add_signal_handler(SIGINT, [&calls] { ++calls; });
            std::raise(SIGINT);
            for (int i = 0; i < 1000 && calls == 0; ++i) co_await sleep(1ms);
            EXPECT_IN_CHILD_TASK(calls == 1);
            EXPECT_IN_CHILD_TASK(remove_signal_handler(SIGINT));
            std::raise(SIGINT);  // run() cancels the main task
            co_await sleep(10s);
            co_return 1;
          };
          try {
            asyncio::run(main());
          } catch (const KeyboardInterrupt&) {
            return as_expected;
          }
          return 1;
        }) == "exit 42");
}

TEST_CASE("add_signal_handler: after a run that handled SIGINT it has its default",
          "[process][SIG-02]") {
  CHECK(scenario_ending([] {
          auto main = []() -> Task<> {
            add_signal_handler(SIGINT, [] {});
            co_await sleep(0s);
          };
          asyncio::run(main());
          EXPECT_IN_CHILD(os::has_default_action(SIGINT));
          std::raise(SIGINT);
          return as_expected;
        }) == "signal 2");
}

TEST_CASE("add_signal_handler: SIGTERM as servers want it", "[process][SIG-01]") {
  CHECK(scenario_ending([] {
          auto main = []() -> Task<int> {
            AnyTask self = current_task();
            add_signal_handler(SIGTERM, [self]() mutable { self.cancel(); });
            std::raise(SIGTERM);
            try {
              co_await sleep(10s);
            } catch (const CancelledError&) {
              co_return as_expected;  // the clean-up runs
            }
            co_return 1;
          };
          return asyncio::run(main());
        }) == "exit 42");
}

TEST_CASE("add_signal_handler: a forked child does not run its parent's handlers",
          "[process][SIG-04]") {
  auto main = []() -> Task<std::string> {
    int calls = 0;
    add_signal_handler(SIGUSR1, [&calls] { ++calls; });
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      std::raise(SIGUSR1);
      ::_exit(calls == 0 ? as_expected : 1);
    }
    std::string how = ending_of(child);
    co_await sleep(5ms);
    CHECK(calls == 0);
    remove_signal_handler(SIGUSR1);
    co_return how;
  };
  CHECK(asyncio::run(main()) == "exit 42");
}

}  // namespace signal_handler_test

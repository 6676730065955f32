#include <asyncio/process/signal_set.hpp>

#include "process_support.hpp"

#include <asyncio/process/signal_handler.hpp>

#include <atomic>
#include <thread>

namespace signal_set_test {

using namespace asyncio_test;
using namespace asyncio;

ASYNC_TEST("SignalSet: gives the signals in the order in which they came", "[process]") {
  SignalSet set(SIGUSR1, SIGUSR2);
  CHECK(set.contains(SIGUSR1));
  CHECK_FALSE(set.contains(SIGHUP));
  CHECK_FALSE(set.contains(0));
  for (const int signal : {SIGUSR2, SIGUSR1, SIGUSR2}) std::raise(signal);
  for (const int expected : {SIGUSR2, SIGUSR1, SIGUSR2}) {
    const int signal = co_await set.next();
    CHECK(signal == expected);
  }
}

ASYNC_TEST("SignalSet: each signal goes to one task", "[process]") {
  SignalSet set(SIGUSR1, SIGUSR2);
  auto first = create_task(set.next());
  auto second = create_task(set.next());
  co_await turns(2);
  std::raise(SIGUSR2);
  std::raise(SIGUSR1);
  const int a = co_await first;
  const int b = co_await second;
  CHECK(a == SIGUSR2);
  CHECK(b == SIGUSR1);
}

ASYNC_TEST("SignalSet: a cancelled wait loses no signal", "[process]") {
  SignalSet set(SIGUSR1);
  auto waiting = create_task(set.next());
  co_await turns(2);
  std::raise(SIGUSR1);
  waiting.cancel();
  co_await text_of(waiting);
  CHECK(waiting.cancelled());
  const int signal = co_await wait_for(set.next(), 30s);
  CHECK(signal == SIGUSR1);
}

ASYNC_TEST("SignalSet: a signal that woke a cancelled task goes to the next", "[process]") {
  SignalSet set(SIGUSR1);
  auto first = create_task(set.next());
  auto second = create_task(set.next());
  co_await turns(2);
  // A callback that runs in the turn in which the first has been woken, before it runs.
  add_signal_handler(SIGUSR1, [&first] { first.cancel(); });
  std::raise(SIGUSR1);
  const int signal = co_await wait_for(second, 30s);
  CHECK(signal == SIGUSR1);
  co_await text_of(first);
  CHECK(first.cancelled());
  remove_signal_handler(SIGUSR1);
}

ASYNC_TEST("SignalSet: several sets and a handler all get the signal", "[process]") {
  int calls = 0;
  add_signal_handler(SIGUSR1, [&calls] { ++calls; });
  SignalSet one(SIGUSR1);
  SignalSet two(SIGUSR1, SIGUSR1);
  std::raise(SIGUSR1);
  const int a = co_await one.next();
  const int b = co_await two.next();
  CHECK((a == SIGUSR1 && b == SIGUSR1));
  co_await turns(1);
  CHECK(calls == 1);
  remove_signal_handler(SIGUSR1);
}

ASYNC_TEST("SignalSet: what is no signal, or cannot be caught, leaves nothing behind",
           "[process]") {
  CHECK_THROWS_AS(SignalSet(4711), std::invalid_argument);
  CHECK_THROWS_AS(SignalSet(SIGUSR1, SIGKILL), RuntimeError);
  co_await turns(2);
  CHECK(get_running_loop().backend_interface().in_flight() == 0);
}

TEST_CASE("SignalSet: while it lives the process survives, then not", "[process]") {
  CHECK(scenario_ending([] {
          auto main = []() -> Task<int> {
            {
              SignalSet set(SIGTERM);
              std::raise(SIGTERM);
              const int signal = co_await set.next();
              EXPECT_IN_CHILD_TASK(signal == SIGTERM);
            }
            std::raise(SIGTERM);
            co_return 1;
          };
          return asyncio::run(main());
        }) == "signal 15");
}

TEST_CASE("SignalSet: loops on several threads each get the signal", "[process]") {
  std::atomic<int> ready{0};
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&ready, &got] {
      auto main = [](std::atomic<int>& listening) -> Task<int> {
        SignalSet set(SIGUSR1);
        ++listening;
        const int signal = co_await set.next();
        co_return signal;
      };
      got += asyncio::run(main(ready));
    });
  while (ready != 3) std::this_thread::yield();
  ::kill(::getpid(), SIGUSR1);
  for (std::thread& thread : threads) thread.join();
  CHECK(got == 3 * SIGUSR1);
}

TEST_CASE("SignalSet: one that outlives its loop", "[process]") {
  CHECK(scenario_ending([] {
          std::optional<SignalSet> set;
          auto main = [](std::optional<SignalSet>& made) -> Task<> {
            made.emplace(SIGUSR1);
            co_await sleep(0s);
          };
          asyncio::run(main(set));
          EXPECT_IN_CHILD(os::has_default_action(SIGUSR1));
          set.reset();
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("SignalSet: children neither inherit the handler nor a mask", "[process]") {
  auto main = []() -> Task<std::string> {
    SignalSet set(SIGTERM);
    Process process = co_await start_sleeper();
    process.terminate();
    const int returncode = co_await process.wait();
    co_return std::to_string(returncode);
  };
  CHECK(asyncio::run(main()) == "-15");
}

}  // namespace signal_set_test

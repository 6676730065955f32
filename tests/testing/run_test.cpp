#include <asyncio/testing/run.hpp>
//
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing.hpp>
#include <cstdlib>

#include <support/catch.hpp>

namespace run_test {

using namespace asyncio;
using namespace std::chrono_literals;

TEST_CASE("testing::run: gives the result, takes tasks and callables") {
  auto main = []() -> Task<int> { co_return 7; };
  CHECK(testing::run(main()) == 7);
  CHECK(testing::run(main) == 7);
}

TEST_CASE("testing::run: gives the exception") {
  auto main = []() -> Task<> {
    co_await sleep(1h);
    throw std::invalid_argument("wrong");
  };
  CHECK_THROWS_AS(testing::run(main), std::invalid_argument);
}

TEST_CASE("testing::run: cancels what is left over") {
  bool cancelled = false;
  auto child = [&]() -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      cancelled = true;
      throw;
    }
  };
  auto main = [&]() -> Task<> {
    create_task(child());
    co_await sleep(0s);
  };
  testing::run(main);
  CHECK(cancelled);
}

TEST_CASE("testing::run: refuses to run inside a loop") {
  auto inner = []() -> Task<> { co_return; };
  auto main = [&]() -> Task<> {
    CHECK_THROWS_AS(testing::run(inner), RuntimeError);
    co_return;
  };
  testing::run(main);
}

TEST_CASE("testing::run: takes the backend asked for, and debug mode") {
  auto main = []() -> Task<bool> {
    CHECK(get_running_loop().backend() == "epoll");
    co_return get_running_loop().get_debug();
  };
  CHECK(testing::run(main, {.backend = Backend::epoll, .debug = true}));
  CHECK_FALSE(testing::run(main, {.backend = Backend::epoll, .debug = false}));
}

TEST_CASE("testing::run: the environment's seed counts where none is given") {
  ::setenv("ASYNCIO_SEED", "17", 1);
  CHECK(testing::effective_seed({}) == 17);
  CHECK(testing::effective_seed({.seed = 3}) == 3);
  ::unsetenv("ASYNCIO_SEED");
  CHECK(testing::effective_seed({}) == 0);
}

TEST_CASE("testing::new_event_loop: can be driven turn by turn") {
  auto loop = testing::new_event_loop();
  const auto begin = loop->time();
  int calls = 0;
  loop->call_later(1h, [&] { ++calls; });
  loop->run_once();
  CHECK(calls == 0);
  CHECK(loop->time() == begin);
  loop->run_once(30min);
  CHECK(calls == 0);
  CHECK(loop->time() == begin + 30min);
  loop->run_once(30min);
  CHECK(calls == 1);
}

}  // namespace run_test

#include <asyncio/testing.hpp>

#include <support/catch.hpp>

using namespace asyncio;
using namespace std::chrono_literals;

// The one include that a program's tests need: each part is there, and they fit together.

TEST_CASE("testing.hpp: run, faults, scripts and seeds are there with one include", "[testing]") {
  testing::Script script;
  script.on("recv").reply("x");
  testing::FaultPlan plan = testing::FaultPlan::cancellation();
  const testing::Options options{.seed = 7, .faults = &plan};
  CHECK(testing::effective_seed(options) == 7);
  CHECK(script.log().empty());
}

TEST_CASE("testing.hpp: an hour takes no time", "[testing]") {
  auto main = []() -> Task<std::chrono::nanoseconds> {
    EventLoop& loop = get_running_loop();
    const auto begin = loop.time();
    auto woken = loop.create_future();
    loop.call_later(1h, [woken] { woken.set_result(); });
    co_await woken;
    co_return loop.time() - begin;
  };
  CHECK(testing::run(main) == 1h);
}

TEST_CASE("testing.hpp: a wait for nobody is a deadlock", "[testing]") {
  auto main = []() -> Task<> {
    auto never = get_running_loop().create_future();
    co_await never;
  };
  CHECK_THROWS_AS(testing::run(main), testing::Deadlock);
}

TEST_CASE("testing.hpp: every place of a program can be cancelled", "[testing]") {
  int runs = 0;
  testing::for_each_fault(testing::FaultPlan::cancellation(), [&](testing::FaultPlan& plan) {
    ++runs;
    auto main = []() -> Task<> {
      auto woken = get_running_loop().create_future();
      get_running_loop().call_soon([woken] {
        if (!woken.done()) woken.set_result();
      });
      co_await woken;
    };
    try {
      testing::run(main, {.faults = &plan});
    } catch (const CancelledError&) {
    }
  });
  CHECK(runs >= 2);
}

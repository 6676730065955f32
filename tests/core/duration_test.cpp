#include <asyncio/core/duration.hpp>
//
#include <asyncio/tasks/as_completed.hpp>
#include <asyncio/tasks/wait_for.hpp>

#include <limits>

#include <tasks/steps.hpp>

namespace duration_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("duration: any is taken, saturating and rounded up") {
  CHECK(LoopDuration(0.5s) == 500ms);
  CHECK(LoopDuration(2min) == 120s);
  CHECK(LoopDuration(std::chrono::hours::max()) == std::chrono::nanoseconds::max());
  CHECK(LoopDuration(std::chrono::seconds::min()) == std::chrono::nanoseconds::min());
  CHECK(LoopDuration(std::chrono::duration<double>::max()) == std::chrono::nanoseconds::max());
  CHECK(LoopDuration(std::chrono::duration<double, std::pico>(1)) == 1ns);
  const std::chrono::duration<double> infinite(std::numeric_limits<double>::infinity());
  CHECK(LoopDuration(infinite) == std::chrono::nanoseconds::max());
  CHECK(LoopDuration(-infinite) == std::chrono::nanoseconds::min());
}

TEST_CASE("duration: one that is no number is refused, as in Python", "[SLP-01]") {
  const std::chrono::duration<double> none(std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_WITH(LoopDuration(none), "Invalid delay: NaN (not a number)");
}

ASYNC_VIRTUAL_TEST("duration: the longest delays never come", "[WFR-01][WAI-05][ASC-06][CBK-05]") {
  constexpr auto longest = std::chrono::hours::max();
  bool was_called = false;
  TimerHandle timer = get_running_loop().call_later(longest, [&] { was_called = true; });
  const int value = co_await wait_for(gives(1), longest);
  CHECK(value == 1);
  const std::vector<TaskHandle<int>> tasks{create_task(sleep(1h, 2))};
  const auto result = co_await wait(tasks, {.timeout = longest});
  CHECK(result.done.size() == 1);
  auto it = as_completed(tasks, {.timeout = longest});
  const auto first = co_await it.next();
  CHECK(first == tasks[0]);
  CHECK_FALSE(was_called);
  timer.cancel();
}

ASYNC_VIRTUAL_TEST("duration: fractions are delays like others",
                   "[WFR-01][WAI-05][ASC-06][CBK-04]") {
  EventLoop& loop = get_running_loop();
  const auto begin = loop.time();
  const std::string limited = co_await ending(wait_for(sleep(1h), 0.5s));
  CHECK(limited == "TimeoutError");
  CHECK(loop.time() - begin == 500ms);
  const std::vector<TaskHandle<>> tasks{create_task(sleep(1h))};
  const auto result = co_await wait(tasks, {.timeout = 0.25s});
  CHECK(result.pending.size() == 1);
  CHECK(loop.time() - begin == 750ms);
  auto it = as_completed(tasks, {.timeout = 0.25s});
  const std::string expired = co_await ending(it.next());
  CHECK(expired == "TimeoutError");
  CHECK(loop.time() - begin == 1s);
  bool was_called = false;
  loop.call_later(0.5s, [&] { was_called = true; });
  co_await sleep(0.6s);
  CHECK(was_called);
  tasks[0].cancel();
}

}  // namespace

}  // namespace duration_test

#include <asyncio/tasks/sleep.hpp>
//
#include <asyncio/core/task_handle.hpp>
#include <asyncio/testing.hpp>
#include <chrono>
#include <memory>

#include <support/async_test.hpp>

namespace sleep_test {

using namespace asyncio;
using namespace std::chrono_literals;

namespace {

EventLoop::time_point now() { return get_running_loop().time(); }

}  // namespace

ASYNC_VIRTUAL_TEST("sleep: suspends for the delay and gives the result", "[SLP-01]") {
  const auto start = now();
  co_await sleep(1h);
  CHECK(now() - start == 1h);
  const int value = co_await sleep(1min, 7);
  CHECK(value == 7);
  CHECK(now() - start == 61min);
  const std::unique_ptr<int> owned = co_await sleep(1s, std::make_unique<int>(8));
  CHECK(*owned == 8);
}

ASYNC_TEST("sleep: is never early on a real clock", "[SLP-01]") {
  for (const auto delay : {1ns, 1000ns, 700'000ns, 2'000'000ns}) {
    const auto start = now();
    co_await sleep(delay);
    CHECK(now() - start >= delay);
  }
}

ASYNC_VIRTUAL_TEST(
    "sleep: sleepers wake in the order of their deadlines, ties in order of creation", "[SLP-01]") {
  std::string order;
  auto sleeper = [&order](std::chrono::seconds delay, char name) -> Task<> {
    co_await sleep(delay);
    order += name;
  };
  std::vector<TaskHandle<>> tasks;
  tasks.push_back(create_task(sleeper(3s, 'd')));
  tasks.push_back(create_task(sleeper(1s, 'a')));
  tasks.push_back(create_task(sleeper(2s, 'b')));
  tasks.push_back(create_task(sleeper(2s, 'c')));
  for (auto& task : tasks) co_await task;
  CHECK(order == "abcd");
}

ASYNC_VIRTUAL_TEST("sleep: cancelling it stops the timer at once", "[SLP-01]") {
  auto task = create_task(sleep(1h));
  co_await sleep(0s);
  CHECK(get_running_loop().first_deadline());
  task.cancel();
  CHECK_FALSE(get_running_loop().first_deadline());
  co_await sleep(0s);
  CHECK(task.cancelled());
}

ASYNC_VIRTUAL_TEST("sleep: a cancel in the turn in which the timer fired still cancels",
                   "[SLP-01][CAN-07]") {
  auto task = create_task(sleep(1h));
  co_await sleep(0s);
  get_running_loop().call_later(1h, [&] { task.cancel(); });  // runs after the sleeper's timer
  co_await sleep(2h);
  CHECK(task.cancelled());
}

ASYNC_TEST("sleep: zero and less suspend for exactly one turn, behind what is queued", "[SLP-02]") {
  for (const auto delay : {0s, -1s, std::chrono::seconds::min()}) {
    std::string order;
    auto queue = [&order](char name) {
      get_running_loop().call_soon([&order, name] { order += name; });
    };
    queue('a');
    get_running_loop().call_soon([&] {
      order += 'b';
      queue('d');
    });
    co_await sleep(delay);
    order += 'c';
    CHECK(order == "abc");
    co_await sleep(0s);
    CHECK(order == "abcd");
    CHECK_FALSE(get_running_loop().first_deadline());
  }
}

ASYNC_VIRTUAL_TEST("sleep: a cancel before a yield is raised by it", "[SLP-02][CAN-05]") {
  auto task = create_task([]() -> Task<int> {
    current_task().cancel("mine");
    std::string message;
    try {
      co_await sleep(0s);
    } catch (const CancelledError& error) {
      message = error.message();
    }
    CHECK(message == "mine");
    co_return 3;
  });
  const int value = co_await task;
  CHECK(value == 3);
}

ASYNC_VIRTUAL_TEST("sleep: no duration overflows", "[SLP-03]") {
  std::vector<TaskHandle<>> tasks;
  tasks.push_back(create_task(sleep(EventLoop::duration::max())));
  tasks.push_back(create_task(sleep(std::chrono::hours::max())));
  tasks.push_back(create_task(sleep(std::chrono::duration<double, std::ratio<86400>>(1e300))));
  co_await sleep(1h);
  for (auto& task : tasks) {
    CHECK_FALSE(task.done());
    task.cancel();
  }
  co_await sleep(std::chrono::duration<double>(-1e300));
  CHECK(tasks[0].done());
}

TEST_CASE("sleep: durations are rounded up to the loop's", "[SLP-03]") {
  using detail::to_loop_duration;
  CHECK(to_loop_duration(std::chrono::duration<double>(0.5)) == 500ms);
  CHECK(to_loop_duration(std::chrono::duration<double, std::nano>(1.25)) == 2ns);
  CHECK(to_loop_duration(std::chrono::duration<long long, std::pico>(1)) == 1ns);
  CHECK(to_loop_duration(3h) == 3h);
  CHECK(to_loop_duration(std::chrono::hours::min()) == EventLoop::duration::min());
}

TEST_CASE("sleep: tiny sleeps do not spin", "[SLP-04]") {
  for (Backend backend : {Backend::io_uring, Backend::epoll}) {
    EventLoop loop(backend);
    int turns = 0;
    auto task = loop.create_task([]() -> Task<> {
      for (auto delay = 10'000'000ns; delay >= 1000ns; delay /= 10) co_await sleep(delay);
    });
    for (; !task.done() && turns < 100; ++turns) loop.run_once(1h);
    CHECK(task.done());
    CHECK(turns <= 20);
  }
}

}  // namespace sleep_test

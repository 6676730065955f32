#include <asyncio/tasks/concurrently.hpp>

#include <tasks/steps.hpp>

#include <memory>
#include <numeric>
#include <sstream>

namespace concurrently_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

/// How many are at work.
struct Load {
  int now = 0;
  int most = 0;
  int started = 0;

  Task<> work(int n) {
    ++started;
    most = std::max(most, ++now);
    const detail::ScopeExit leave([this] { --now; });
    co_await turns(n);
  }
};

}  // namespace

ASYNC_TEST("for_each_concurrently: every item once, no more than the limit at a time") {
  Load load;
  std::vector<int> seen;
  auto work = [&](int item) -> Task<> {
    seen.push_back(item);
    co_await load.work(item % 3 + 1);
  };
  co_await for_each_concurrently(std::views::iota(0, 20), 4, work);
  std::vector<int> all(20);
  std::iota(all.begin(), all.end(), 0);
  CHECK(seen == all);
  CHECK(load.most == 4);
  CHECK(load.now == 0);
}

ASYNC_TEST("for_each_concurrently: the next item is taken as soon as there is room") {
  Trace trace;
  auto work = [&](int item) -> Task<> {
    trace.push_back("+" + std::to_string(item));
    co_await turns(item == 0 ? 10 : 1);
    trace.push_back("-" + std::to_string(item));
  };
  co_await for_each_concurrently(std::views::iota(0, 4), 2, work);
  CHECK(trace == Trace{"+0", "+1", "-1", "+2", "-2", "+3", "-3", "-0"});
}

ASYNC_TEST("for_each_concurrently: an empty range, and a limit beyond it") {
  Load load;
  auto work = [&](int) { return load.work(1); };
  co_await for_each_concurrently(std::vector<int>(), 3, work);
  CHECK(load.started == 0);
  co_await for_each_concurrently(std::vector<int>(2), 1'000'000'000, work);
  CHECK(load.most == 2);
}

ASYNC_TEST("for_each_concurrently: a limit of nothing is refused") {
  auto work = [](int) -> Task<> { co_return; };
  std::string how;
  try {
    co_await for_each_concurrently(std::vector<int>(), 0, work);
  } catch (const std::invalid_argument&) {
    how = "refused";
  }
  CHECK(how == "refused");
}

ASYNC_TEST("for_each_concurrently: a borrowed range is changed in place") {
  std::vector<int> values{1, 2, 3};
  auto work = [](int& value) -> Task<> {
    co_await turns(1);
    value *= 10;
  };
  co_await for_each_concurrently(values, 2, work);
  CHECK(values == std::vector{10, 20, 30});
}

ASYNC_TEST("for_each_concurrently: an input range, whose items do not last") {
  std::istringstream input("alpha beta gamma delta");
  std::vector<std::string> seen;
  auto work = [&seen](const std::string& word) -> Task<> {
    co_await turns(2);
    seen.push_back(word);
  };
  co_await for_each_concurrently(std::views::istream<std::string>(input), 2, work);
  CHECK(seen == std::vector<std::string>{"alpha", "beta", "gamma", "delta"});
}

ASYNC_TEST(
    "for_each_concurrently: the first failure cancels the others, no item is taken any more") {
  Load load;
  auto work = [&](int item) -> Task<> {
    if (item == 2) co_await fails("broken", 2);
    co_await load.work(50);
  };
  const std::string how = co_await ending(for_each_concurrently(std::views::iota(0, 100), 3, work));
  CHECK(how == "ExceptionGroup[invalid_argument(broken)]");
  CHECK(load.started == 2);
  CHECK(load.now == 0);
}

ASYNC_TEST("for_each_concurrently: a function that throws before it gives an awaitable") {
  auto work = [](int item) -> Task<> {
    if (item == 1) throw std::invalid_argument("broken");
    return turns(1);
  };
  const std::vector<int> items{0, 1};
  const std::string how = co_await ending(for_each_concurrently(items, 2, work));
  CHECK(how == "ExceptionGroup[invalid_argument(broken)]");
}

ASYNC_TEST("for_each_concurrently: a cancellation reaches what runs, and is waited for") {
  Load load;
  auto work = [&](int) -> Task<> {
    auto hold = [](Load& l) -> Task<> { co_await l.work(100); };
    co_await hold(load);
  };
  auto task = create_task(for_each_concurrently(std::views::iota(0, 100), 3, work));
  co_await turns(4);
  CHECK(load.now == 3);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(load.now == 0);
  CHECK(load.started == 3);
}

ASYNC_TEST(
    "for_each_concurrently: a function that swallows the cancellation gets no further item") {
  int started = 0;
  auto work = [&](int) -> Task<> {
    ++started;
    static_cast<void>(co_await cancellation());
  };
  auto task = create_task(for_each_concurrently(std::views::iota(0, 100), 3, work));
  co_await turns(4);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(started == 3);
}

ASYNC_TEST("map_concurrently: the results are in the order of the items") {
  auto work = [](int item) { return gives(item * item, 5 - item); };
  const std::vector<int> items{0, 1, 2, 3, 4};
  const std::vector<int> squares = co_await map_concurrently(items, 3, work);
  CHECK(squares == std::vector{0, 1, 4, 9, 16});
}

ASYNC_TEST("map_concurrently: move-only items and results") {
  std::vector<std::unique_ptr<int>> items;
  items.push_back(std::make_unique<int>(3));
  items.push_back(std::make_unique<int>(4));
  auto work = [](std::unique_ptr<int>& item) -> Task<std::unique_ptr<int>> {
    co_await turns(1);
    co_return std::move(item);
  };
  auto results = co_await map_concurrently(items, 2, work);
  CHECK(*results[0] == 3);
  CHECK(*results[1] == 4);
}

}  // namespace concurrently_test

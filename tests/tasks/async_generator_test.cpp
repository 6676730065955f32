#include <asyncio/tasks/async_generator.hpp>

#include <tasks/steps.hpp>

#include <memory>

namespace async_generator_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

struct GuardTag;
using Guard = Counted<GuardTag>;

/// 0, 1, … n-1, a turn before each.
AsyncGenerator<int> numbers(int n, int turns_between = 1) {
  const Guard guard;
  for (int i = 0; i < n; ++i) {
    co_await turns(turns_between);
    co_yield i;
  }
}

AsyncGenerator<int> fails_after(int n) {
  const Guard guard;
  for (int i = 0; i < n; ++i) {
    co_yield i;
  }
  throw std::invalid_argument("the end");
}

/// Waits for what never comes, after one value.
AsyncGenerator<int> gets_stuck() {
  const Guard guard;
  co_yield 0;
  co_await endless();
}

Task<std::vector<int>> collect(AsyncGenerator<int> generator) {
  std::vector<int> values;
  while (auto value = co_await generator.next()) {
    values.push_back(*value);
  }
  co_return values;
}

/// Every value of every generator below, one level a step.
AsyncGenerator<int> nested(int depth) {
  const Guard guard;
  if (depth == 0) {
    co_yield 1;
    co_yield 2;
    co_return;
  }
  auto inner = nested(depth - 1);
  while (auto value = co_await inner.next()) {
    co_yield *value;
  }
}

AsyncGenerator<int, int> running_sum() {
  int sum = 0;
  for (;;) {
    const std::optional<int> sent = co_yield sum;
    sum += sent.value_or(1000);
  }
}

/// Gives the number of errors it was thrown, and ends after two.
AsyncGenerator<int> counts_errors() {
  int errors = 0;
  while (errors < 2) {
    try {
      co_yield errors;
    } catch (const std::invalid_argument&) {
      ++errors;
    }
  }
}

}  // namespace

ASYNC_TEST("async generator: gives its values and then nothing", "[AGN-01]") {
  Guard::count.reset();
  auto generator = numbers(3);
  CHECK(generator);
  for (int i = 0; i < 3; ++i) {
    const std::optional<int> value = co_await generator.next();
    CHECK(value == i);
  }
  for (int i = 0; i < 2; ++i) {
    const std::optional<int> value = co_await generator.next();
    CHECK(value == std::nullopt);
    CHECK_FALSE(generator);
  }
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: nothing runs before the first step", "[AGN-01]") {
  Guard::count.reset();
  {
    auto generator = numbers(3);
    CHECK(Guard::count.constructed == 0);
  }
  CHECK(Guard::count.constructed == 0);
  co_return;
}

ASYNC_TEST("async generator: a step that need not wait takes no turn") {
  auto generator = numbers(2, 0);
  bool passed = false;
  auto marker = get_running_loop().call_soon([&passed] { passed = true; });
  co_await generator.next();
  co_await generator.next();
  CHECK_FALSE(passed);
  marker.cancel();  // it refers to this frame
}

ASYNC_TEST("async generator: move-only values") {
  auto make = [](int n) -> AsyncGenerator<std::unique_ptr<int>> {
    for (int i = 0; i < n; ++i) {
      co_yield std::make_unique<int>(i);
    }
  };
  auto generator = make(2);
  auto first = co_await generator.next();
  auto second = co_await generator.next();
  CHECK(**first == 0);
  CHECK(**second == 1);
}

ASYNC_TEST("async generator: an lvalue that is yielded stays in the body") {
  auto make = [](int n) -> AsyncGenerator<std::string> {
    std::string text = "x";
    for (int i = 0; i < n; ++i) {
      co_yield text;
      text += 'y';
    }
  };
  auto generator = make(2);
  auto first = co_await generator.next();
  auto second = co_await generator.next();
  CHECK(*first == "x");
  CHECK(*second == "xy");
}

ASYNC_TEST("async generator: an exception leaves by the step, and ends it") {
  Guard::count.reset();
  auto generator = fails_after(1);
  co_await generator.next();
  const std::string how = co_await ending(generator.next());
  CHECK(how == "invalid_argument(the end)");
  CHECK_FALSE(generator);
  CHECK(Guard::count.alive() == 0);
  const std::optional<int> value = co_await generator.next();
  CHECK(value == std::nullopt);
}

ASYNC_TEST("async generator: moved between two steps") {
  Guard::count.reset();
  auto first = numbers(2);
  co_await first.next();
  auto second = std::move(first);
  CHECK_FALSE(first);
  const std::optional<int> value = co_await second.next();
  CHECK(value == 1);
  second = numbers(5);
  CHECK(Guard::count.alive() == 0);
  const std::optional<int> anew = co_await second.next();
  CHECK(anew == 0);
}

ASYNC_TEST("async generator: one that is empty gives nothing") {
  AsyncGenerator<int> generator;
  const std::optional<int> value = co_await generator.next();
  CHECK(value == std::nullopt);
  co_await generator.aclose();
}

ASYNC_TEST("async generator: several tasks take turns with one") {
  auto generator = numbers(4, 1);
  auto take = [&generator] { return generator.next(); };
  std::vector<int> values;
  for (int i = 0; i < 4; ++i) {
    const std::optional<int> value = co_await create_task(take());
    values.push_back(*value);
  }
  CHECK(values == std::vector{0, 1, 2, 3});
}

ASYNC_TEST("async generator: a second step at the same time is refused", "[AGN-05]") {
  auto generator = numbers(2, 3);
  auto first = create_task(generator.next());
  co_await turns(1);
  const std::string second = co_await ending(generator.next());
  CHECK(second == "RuntimeError(anext(): asynchronous generator is already running)");
  const std::string thrown = co_await ending(generator.athrow(std::invalid_argument("x")));
  CHECK(thrown == "RuntimeError(athrow(): asynchronous generator is already running)");
  const std::string close = co_await ending(generator.aclose());
  CHECK(close == "RuntimeError(aclose(): asynchronous generator is already running)");
  const std::optional<int> value = co_await first;
  CHECK(value == 0);
  const std::optional<int> next = co_await generator.next();
  CHECK(next == 1);
}

ASYNC_TEST("async generator: aclose destroys the suspended frame", "[AGN-04]") {
  Guard::count.reset();
  auto generator = numbers(3);
  co_await generator.next();
  CHECK(Guard::count.alive() == 1);
  co_await generator.aclose();
  CHECK(Guard::count.alive() == 0);
  CHECK_FALSE(generator);
  const std::optional<int> value = co_await generator.next();
  CHECK(value == std::nullopt);
  co_await generator.aclose();
}

ASYNC_TEST("async generator: aclose before the first step") {
  auto generator = numbers(3);
  co_await generator.aclose();
  const std::optional<int> value = co_await generator.next();
  CHECK(value == std::nullopt);
}

ASYNC_TEST("async generator: the object's end closes it at once", "[AGN-02][W-21]") {
  Guard::count.reset();
  {
    auto generator = nested(3);
    co_await generator.next();
    CHECK(Guard::count.alive() == 4);
  }
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: an object that dies under a step lets it finish", "[AGN-02]") {
  Guard::count.reset();
  auto generator = std::make_unique<AsyncGenerator<int>>(numbers(3, 3));
  auto step = create_task(generator->next());
  co_await turns(1);
  CHECK(Guard::count.alive() == 1);
  generator.reset();
  CHECK(Guard::count.alive() == 1);
  const std::optional<int> value = co_await step;
  CHECK(value == 0);
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: a cancellation is raised where the body waits, and ends it") {
  Guard::count.reset();
  auto generator = gets_stuck();
  co_await generator.next();
  auto step = create_task(generator.next());
  co_await turns(2);
  step.cancel();
  const std::string how = co_await ending(step);
  CHECK(how == "CancelledError");
  CHECK_FALSE(generator);
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: a body may catch the cancellation and go on") {
  auto make = [](int last) -> AsyncGenerator<int> {
    try {
      co_await endless();
    } catch (const CancelledError&) {
    }
    co_yield last;
  };
  auto generator = make(7);
  auto step = create_task(generator.next());
  co_await turns(2);
  step.cancel();
  const std::optional<int> value = co_await step;
  CHECK(value == 7);
}

ASYNC_VIRTUAL_TEST("async generator: a timeout around a step") {
  auto generator = gets_stuck();
  co_await generator.next();
  auto step = [&]() -> Task<> { co_await generator.next(); };
  const std::string how = co_await ending(wait_for(step(), 1s));
  CHECK(how == "TimeoutError");
  CHECK_FALSE(generator);
}

ASYNC_TEST("async generator: nested ones, every value through every level") {
  const std::vector<int> values = co_await collect(nested(10));
  CHECK(values == std::vector{1, 2});
}

ASYNC_TEST("async generator: an exception goes through every level of nested ones") {
  auto outer = [](AsyncGenerator<int> inner) -> AsyncGenerator<int> {
    while (auto value = co_await inner.next()) {
      co_yield *value;
    }
  };
  const std::string how = co_await ending(collect(outer(outer(fails_after(1)))));
  CHECK(how == "invalid_argument(the end)");
}

ASYNC_TEST("async generator: a cancellation goes through every level of nested ones") {
  Guard::count.reset();
  auto outer = [](AsyncGenerator<int> inner) -> AsyncGenerator<int> {
    while (auto value = co_await inner.next()) {
      co_yield *value;
    }
  };
  auto task = create_task(collect(outer(outer(gets_stuck()))));
  co_await turns(2);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: the stack does not grow with values or levels") {
  auto values = numbers(100'000, 0);
  int count = 0;
  while (auto value = co_await values.next()) {
    ++count;
  }
  CHECK(count == 100'000);
  const std::vector<int> deep = co_await collect(nested(2000));
  CHECK(deep.size() == 2);
}

ASYNC_TEST("async generator: asend is what the yield gives", "[AGN-06]") {
  auto sum = running_sum();
  co_await sum.next();
  const std::optional<int> first = co_await sum.asend(5);
  CHECK(first == 5);
  const std::optional<int> second = co_await sum.asend(7);
  CHECK(second == 12);
  const std::optional<int> third = co_await sum.next();
  CHECK(third == 1012);
}

ASYNC_TEST("async generator: asend before the first yield is refused", "[AGN-06]") {
  auto sum = running_sum();
  const std::string how = co_await ending(sum.asend(5));
  CHECK(how == "RuntimeError(can't send non-None value to a just-started async generator)");
  const std::optional<int> first = co_await sum.next();
  CHECK(first == 0);
}

ASYNC_TEST("async generator: athrow is raised by the yield", "[AGN-06]") {
  auto generator = counts_errors();
  co_await generator.next();
  const std::optional<int> one = co_await generator.athrow(std::invalid_argument("x"));
  CHECK(one == 1);
  const std::optional<int> again = co_await generator.next();
  CHECK(again == 1);
  const std::optional<int> end = co_await generator.athrow(std::invalid_argument("x"));
  CHECK(end == std::nullopt);
  const std::optional<int> after = co_await generator.athrow(std::invalid_argument("x"));
  CHECK(after == std::nullopt);
}

ASYNC_TEST("async generator: athrow that nobody catches leaves by the step", "[AGN-06]") {
  Guard::count.reset();
  auto generator = numbers(3);
  co_await generator.next();
  const std::string how = co_await ending(generator.athrow(std::invalid_argument("x")));
  CHECK(how == "invalid_argument(x)");
  CHECK_FALSE(generator);
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("async generator: athrow before the first step ends it", "[AGN-06]") {
  Guard::count.reset();
  auto generator = numbers(3);
  const std::string how = co_await ending(generator.athrow(std::invalid_argument("x")));
  CHECK(how == "invalid_argument(x)");
  CHECK_FALSE(generator);
  CHECK(Guard::count.constructed == 0);
}

ASYNC_TEST("async generator: runs in the context of the task that takes the step", "[CTX-02]") {
  static ContextVar<int> var{"var", 0};
  auto make = [](int n) -> AsyncGenerator<int> {
    for (int i = 0; i < n; ++i) {
      co_yield var.get();
    }
  };
  auto generator = make(2);
  var.set(1);
  const std::optional<int> mine = co_await generator.next();
  CHECK(mine == 1);
  auto other = [&generator]() -> Task<int> {
    var.set(2);
    const std::optional<int> value = co_await generator.next();
    co_return *value;
  };
  const int theirs = co_await create_task(other());
  CHECK(theirs == 2);
}

ASYNC_TEST("async generator: stands in the stack of the task that takes the step") {
  auto generator = gets_stuck();
  co_await generator.next();
  auto task = create_task(generator.next());
  co_await turns(2);
  const auto stack = task.get_stack();
  bool found = false;
  for (const FrameEntry& entry : stack) {
    found = found || entry.function == "gets_stuck";
  }
  CHECK(found);
  task.cancel();
  co_await ending(task);
}

TEST_CASE("async generator: destroyed under a step with its loop") {
  Guard::count.reset();
  std::optional<AsyncGenerator<int>> generator;
  {
    EventLoop loop;
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    generator = gets_stuck();
    auto main = [&generator]() -> Task<> {
      co_await generator->next();
      co_await generator->next();
    };
    auto task = loop.create_task(main());
    for (int i = 0; i < 5; ++i) loop.run_once();
    CHECK(Guard::count.alive() == 1);
  }
  CHECK(Guard::count.alive() == 0);
  CHECK_FALSE(*generator);
}

}  // namespace async_generator_test

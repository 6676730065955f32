#include <asyncio/core/task.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace task_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

// --- what can be said at compile time ------------------------------------------------------------

static_assert(std::is_nothrow_move_constructible_v<Task<int>>);
static_assert(!std::is_copy_constructible_v<Task<int>>);
static_assert(std::same_as<await_result_t<Task<int>>, int>);
static_assert(std::same_as<await_result_t<Task<int&>>, int&>);
static_assert(std::same_as<await_result_t<Task<>>, void>);
static_assert(Awaitable<Task<int>>);
static_assert(!Awaitable<Task<int>&>);
static_assert(!Awaitable<const Task<int>>);

Task<int> one() { co_return 1; }
[[maybe_unused]] int plain() { return 1; }

TEST_CASE("task: iscoroutine and CoroutineFunction tell coroutines from the rest", "[CORO-10]") {
  CHECK(iscoroutine_v<Task<int>>);
  CHECK(iscoroutine_v<const Task<>&>);
  CHECK_FALSE(iscoroutine_v<int>);
  CHECK_FALSE(iscoroutine_v<TaskHandle<int>>);
  CHECK(CoroutineFunction<decltype(one)>);
  CHECK(CoroutineFunction<decltype(turns), int>);
  CHECK_FALSE(CoroutineFunction<decltype(plain)>);
}

// --- laziness and life ---------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("task: calling a coroutine function runs none of its body", "[CORO-01]") {
  bool started = false;
  auto work = [&started]() -> Task<> {
    started = true;
    co_return;
  };
  Task<> task = work();
  co_await turns(3);
  CHECK_FALSE(started);
  co_await std::move(task);
  CHECK(started);
}

TEST_CASE("task: dropped unstarted, it destroys its parameters", "[CORO-01][CORO-07]") {
  Item::count().reset();
  auto work = [](Item) -> Task<> { co_return; };
  {
    Task<> task = work(Item(1));
    CHECK(task);
    CHECK(Item::count().alive() == 1);
  }
  CHECK(Item::count().alive() == 0);
}

TEST_CASE("task: moving empties the source, assigning drops what was there") {
  Item::count().reset();
  auto work = [](Item) -> Task<> { co_return; };
  Task<> a = work(Item(1));
  Task<> b = std::move(a);
  CHECK_FALSE(a);  // NOLINT(bugprone-use-after-move): that is the question
  CHECK(b);
  a = work(Item(2));
  a = std::move(b);
  CHECK(Item::count().alive() == 1);
  a.close();
  CHECK_FALSE(a);
  CHECK(Item::count().alive() == 0);
}

// --- the await -----------------------------------------------------------------------------------

ASYNC_VIRTUAL_TEST("await: runs inside the awaiting task, without a turn of the loop",
                   "[CORO-02]") {
  const AnyTask self = current_task();
  AnyTask seen;
  bool turned = false;
  auto marker = get_running_loop().call_soon([&turned] { turned = true; });
  auto work = [&seen]() -> Task<int> {
    seen = current_task();
    co_return 3;
  };
  const int value = co_await work();
  CHECK(value == 3);
  CHECK(seen == self);
  CHECK_FALSE(turned);
  marker.cancel();  // it refers to this frame
}

ASYNC_VIRTUAL_TEST("await: exceptions pass through a chain of calls", "[CORO-02]") {
  Trace trace;
  auto middle = [&trace]() -> Task<int> {
    try {
      co_return co_await fails<int>("deep", 1);
    } catch (const std::invalid_argument& error) {
      trace.push_back(error.what());
      throw;
    }
  };
  const std::string how = co_await ending(middle());
  CHECK(how == "invalid_argument(deep)");
  CHECK(trace == Trace{"deep"});
}

ASYNC_VIRTUAL_TEST("await: the awaited frame dies at the end of the expression") {
  Item::count().reset();
  auto work = [](Item item) -> Task<int> { co_return item.value(); };
  const int value = co_await work(Item(4));
  CHECK(value == 4);
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("await: gives move-only results") {
  Item::count().reset();
  {
    auto work = [](int value) -> Task<Item> {
      co_await turns(1);
      co_return Item(value);
    };
    const Item item = co_await work(8);
    CHECK(item.value() == 8);
  }
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("await: gives references to what they refer to") {
  int target = 1;
  auto work = [&target]() -> Task<int&> { co_return target; };
  int& result = co_await work();
  CHECK(&result == &target);
}

ASYNC_VIRTUAL_TEST("await: converts what is returned to the result's type") {
  auto text = []() -> Task<std::string> { co_return "converted"; };
  auto maybe = []() -> Task<std::optional<int>> { co_return std::nullopt; };
  const std::string result = co_await text();
  const std::optional<int> nothing = co_await maybe();
  CHECK(result == "converted");
  CHECK_FALSE(nothing.has_value());
}

ASYNC_VIRTUAL_TEST("await: an exception while the result's scope is left replaces the result") {
  struct Throws {
    ~Throws() noexcept(false) { throw std::invalid_argument("left"); }
  };
  auto work = []() -> Task<std::string> {
    const Throws throws;
    co_return "lost";
  };
  const std::string how = co_await ending(work());
  CHECK(how == "invalid_argument(left)");
}

ASYNC_VIRTUAL_TEST("await: a consumed task throws RuntimeError, in the coroutine", "[CORO-06]") {
  Task<int> task = one();
  const int value = co_await std::move(task);
  CHECK(value == 1);
  std::string what;
  try {
    co_await std::move(task);  // NOLINT(bugprone-use-after-move): that is the question
  } catch (const RuntimeError& error) {
    what = error.what();
  }
  CHECK(what == "cannot reuse already awaited coroutine");
}

ASYNC_VIRTUAL_TEST("await: many results at once in one expression") {
  const int sum = co_await one() + co_await one() + co_await gives(3, 2);
  CHECK(sum == 5);
}

ASYNC_VIRTUAL_TEST("await: a throwing coroutine inside a handler keeps what is handled",
                   "[CORO-11]") {
  auto nested = []() -> Task<> {
    try {
      co_await fails("first", 1);
    } catch (...) {
      std::throw_with_nested(std::runtime_error("second"));
    }
  };
  std::string inner;
  try {
    co_await nested();
  } catch (const std::runtime_error& error) {
    try {
      std::rethrow_if_nested(error);
    } catch (const std::invalid_argument& first) {
      inner = first.what();
    }
  }
  CHECK(inner == "first");
}

// --- never awaited -------------------------------------------------------------------------------

Task<> forgotten_errand() { co_return; }

TEST_CASE("never awaited: debug mode names the function and its file", "[CORO-07]") {
  std::string message;
  auto main = [&message]() -> Task<> {
    get_running_loop().set_exception_handler(
        [&message](EventLoop&, const ExceptionContext& context) { message = context.message; });
    static_cast<void>(forgotten_errand());
    co_return;
  };
  testing::run(main, {.debug = true});
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring("forgotten_errand"));
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring("task_test.cpp"));
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring("was never awaited"));
}

TEST_CASE("never awaited: close() says that it is meant", "[CORO-07]") {
  int reports = 0;
  auto main = [&reports]() -> Task<> {
    get_running_loop().set_exception_handler(
        [&reports](EventLoop&, const ExceptionContext&) { ++reports; });
    Task<> task = forgotten_errand();
    task.close();
    co_return;
  };
  testing::run(main, {.debug = true});
  CHECK(reports == 0);
}

TEST_CASE("never awaited: awaited and scheduled tasks are not reported", "[CORO-07]") {
  int reports = 0;
  auto main = [&reports]() -> Task<> {
    get_running_loop().set_exception_handler(
        [&reports](EventLoop&, const ExceptionContext&) { ++reports; });
    co_await forgotten_errand();
    co_await create_task(forgotten_errand());
    auto cancelled = create_task(forgotten_errand());
    cancelled.cancel();
    static_cast<void>(co_await ending(cancelled));
  };
  testing::run(main, {.debug = true});
  CHECK(reports == 0);
}

TEST_CASE("never awaited: is silent without debug mode, and after a loop in debug mode ended",
          "[CORO-07]") {
  int reports = 0;
  auto main = [&reports]() -> Task<> {
    get_running_loop().set_exception_handler(
        [&reports](EventLoop&, const ExceptionContext&) { ++reports; });
    static_cast<void>(forgotten_errand());
    co_return;
  };
  testing::run(main, {.debug = false});
  CHECK(reports == 0);
  testing::run(main, {.debug = true});
  CHECK(reports == 1);
  static_cast<void>(forgotten_errand());
  CHECK(reports == 1);
}

TEST_CASE("never awaited: debug mode may be switched while the loop runs", "[CORO-07][DBG-01]") {
  int reports = 0;
  auto main = [&reports]() -> Task<> {
    EventLoop& loop = get_running_loop();
    loop.set_exception_handler([&reports](EventLoop&, const ExceptionContext&) { ++reports; });
    loop.set_debug(true);
    static_cast<void>(forgotten_errand());
    loop.set_debug(false);
    static_cast<void>(forgotten_errand());
    co_return;
  };
  testing::run(main, {.debug = false});
  CHECK(reports == 1);
}

}  // namespace

}  // namespace task_test

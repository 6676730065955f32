#include <asyncio/core/awaitable.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <memory>

namespace awaitable_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// What another library might offer.
struct MemberCoAwait {
  std::suspend_never operator co_await() const noexcept { return {}; }
};
struct FreeCoAwait {};
std::suspend_never operator co_await(FreeCoAwait) noexcept { return {}; }

/// Gives its number without suspending.
struct Ready {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return number; }
  int number;
};

/// Makes a fresh coroutine whenever it is awaited.
struct Source {
  Task<int> make_call() const { return gives(number); }
  int number;
};

TEST_CASE("awaitable: what co_await takes, and what it does not", "[CORO-08][TASK-02]") {
  CHECK(Awaitable<Task<int>>);
  CHECK(Awaitable<Future<int>>);
  CHECK(Awaitable<Future<int>&>);
  CHECK(Awaitable<const Future<int>&>);
  CHECK(Awaitable<TaskHandle<>&>);
  CHECK(Awaitable<MemberCoAwait>);
  CHECK(Awaitable<FreeCoAwait>);
  CHECK(Awaitable<Ready>);
  CHECK(Awaitable<Source&>);
  CHECK_FALSE(Awaitable<Task<int>&>);
  CHECK_FALSE(Awaitable<const Task<int>&>);
  CHECK_FALSE(Awaitable<int>);
  CHECK_FALSE(Awaitable<std::string>);
  CHECK_FALSE(Awaitable<void (*)()>);
}

TEST_CASE("awaitable: await_result_t is what co_await gives", "[CORO-08]") {
  CHECK(std::same_as<await_result_t<Task<int>>, int>);
  CHECK(std::same_as<await_result_t<Task<int&>>, int&>);
  CHECK(std::same_as<await_result_t<Task<>>, void>);
  CHECK(std::same_as<await_result_t<Future<int>&>, int&>);
  CHECK(std::same_as<await_result_t<Future<int>>, int>);
  CHECK(std::same_as<await_result_t<TaskHandle<std::string>>, std::string>);
  CHECK(std::same_as<await_result_t<Future<>&>, void>);
  CHECK(std::same_as<await_result_t<Ready>, int>);
  CHECK(std::same_as<await_result_t<Source&>, int>);
}

ASYNC_VIRTUAL_TEST("awaitable: each kind can be awaited", "[CORO-08]") {
  co_await MemberCoAwait();
  co_await FreeCoAwait();
  const int ready = co_await Ready{1};
  Ready named{2};
  const int lvalue = co_await named;
  Source source{3};
  const int first = co_await source;
  const int second = co_await source;
  CHECK((ready == 1 && lvalue == 2 && first == 3 && second == 3));
}

ASYNC_VIRTUAL_TEST("awaitable: each kind can be scheduled", "[CORO-08]") {
  const int ready = co_await create_task(Ready{1});
  const int source = co_await create_task(Source{2});
  const int slept = co_await create_task(sleep(1h, 3));
  CHECK((ready == 1 && source == 2 && slept == 3));
}

TEST_CASE("awaitable: each kind can be run", "[CORO-08][RUN-02]") {
  CHECK(testing::run(Ready{1}) == 1);
  CHECK(testing::run(Source{2}) == 2);
}

ASYNC_VIRTUAL_TEST("awaitable: notes the line of the last co_await of each frame") {
  unsigned line = 0;
  auto work = [&line]() -> Task<> {
    line = __LINE__ + 1;
    co_await endless();
  };
  auto task = create_task(work());
  co_await turns(1);
  const detail::TaskBase& base = *task.shared_state()->as_task();
  CHECK(base.root()->where_.line() == line);
  task.cancel();
  co_await turns(1);
}

}  // namespace

}  // namespace awaitable_test

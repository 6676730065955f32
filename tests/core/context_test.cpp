#include <asyncio/core/context.hpp>
//
#include <asyncio/core/future.hpp>
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/sleep.hpp>

#include <support/async_test.hpp>

namespace context_test {

using namespace asyncio;
using namespace std::chrono_literals;

namespace {

ContextVar<int> number{"number", 0};
ContextVar<std::string> text{"text"};

Task<int> set_and_yield(int value) {
  number.set(value);
  co_await sleep(0s);
  co_return number.get();
}

Task<> set_number(int value) {
  number.set(value);
  co_return;
}

}  // namespace

ASYNC_TEST("context: a variable has a default, a fallback, or LookupError", "[CTX-10]") {
  CHECK(number.name() == "number");
  CHECK(number.get() == 0);
  CHECK(number.get(5) == 5);
  CHECK_THROWS_AS(text.get(), LookupError);
  CHECK(text.get("fallback") == "fallback");
  text.set("value");
  CHECK(text.get() == "value");
  CHECK(text.get("fallback") == "value");
  co_return;
}

ASYNC_TEST("context: a token restores what was there before, once", "[CTX-10]") {
  auto first = number.set(1);
  auto second = number.set(2);
  CHECK(number.get() == 2);
  number.reset(second);
  CHECK(number.get() == 1);
  CHECK_THROWS_AS(number.reset(second), RuntimeError);
  number.reset(first);
  CHECK(number.get() == 0);
  CHECK(number.get(9) == 9);
  co_return;
}

ASYNC_TEST("context: run() works inside a context, and not twice at once", "[CTX-10]") {
  number.set(1);
  Context context = copy_context();
  const int inside = context.run([&] {
    CHECK(number.get() == 1);
    number.set(2);
    CHECK_THROWS_AS(context.run([] {}), RuntimeError);
    return number.get();
  });
  CHECK(inside == 2);
  CHECK(number.get() == 1);
  CHECK(context.run([] { return number.get(); }) == 2);
  CHECK_THROWS_AS(context.run([] { throw std::logic_error("out"); }), std::logic_error);
  CHECK(context.run([] { return number.get(); }) == 2);
  co_return;
}

ASYNC_TEST("context: a copy is independent, a shared one is the same", "[CTX-10]") {
  number.set(1);
  Context original = copy_context();
  Context copy = original.copy();
  Context same = original.share();
  original.run([] { number.set(7); });
  CHECK(copy.run([] { return number.get(); }) == 1);
  CHECK(same.run([] { return number.get(); }) == 7);
  CHECK(same == original);
  CHECK_FALSE(copy == original);
  Context empty;
  Context also = empty.share();
  empty.run([] { number.set(3); });
  CHECK(also.run([] { return number.get(); }) == 3);
  co_return;
}

ASYNC_TEST("context: several variables keep apart, and rebinding one keeps the others",
           "[CTX-10]") {
  ContextVar<int> a{"a"}, b{"b"}, c{"c"};
  a.set(1);
  b.set(2);
  c.set(3);
  b.set(20);
  auto token = a.set(10);
  CHECK(a.get() == 10);
  CHECK(b.get() == 20);
  CHECK(c.get() == 3);
  a.reset(token);
  CHECK(a.get() == 1);
  co_return;
}

ASYNC_TEST("context: each task has a copy of its maker's", "[CTX-01]") {
  number.set(1);
  std::vector<TaskHandle<int>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(create_task(set_and_yield(i)));
  for (int i = 0; i < 100; ++i) {
    const int value = co_await tasks[static_cast<std::size_t>(i)];
    CHECK(value == i);
  }
  CHECK(number.get() == 1);
}

ASYNC_TEST("context: an awaited coroutine shares its caller's", "[CTX-02]") {
  co_await set_number(4);
  CHECK(number.get() == 4);
}

ASYNC_TEST("context: a task given a context runs in that very one", "[CTX-03][TASK-08]") {
  Context context;
  const Context shared = context.share();
  auto first = create_task(set_number(11), {.context = &shared});
  co_await first;
  CHECK(number.get() == 0);
  CHECK(context.run([] { return number.get(); }) == 11);
  auto second = create_task([]() -> Task<int> { co_return number.get(); }, {.context = &shared});
  const int seen = co_await second;
  CHECK(seen == 11);
  CHECK(second.get_context() == context);
}

ASYNC_TEST("context: a done callback runs in a copy of its maker's", "[CTX-04]") {
  auto future = get_running_loop().create_future();
  number.set(1);
  int seen = 0;
  future.add_done_callback([&](Future<>) {
    seen = number.get();
    number.set(99);
  });
  number.set(2);
  future.set_result();
  co_await sleep(0s);
  CHECK(seen == 1);
  CHECK(number.get() == 2);
}

ASYNC_TEST("context: a callback runs in a copy of its maker's, or in the one given",
           "[CTX-05][CBK-01]") {
  EventLoop& loop = get_running_loop();
  number.set(1);
  std::vector<int> seen;
  auto note = [&] { seen.push_back(number.get()); };
  loop.call_soon(note);
  loop.call_later(0s, note);
  loop.call_soon_threadsafe(note);
  Context other;
  other.run([] { number.set(5); });
  loop.call_soon(other, note);
  loop.call_later(other, 0s, note);
  number.set(2);
  co_await sleep(1ms);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector{1, 1, 1, 5, 5});
}

TEST_CASE("context: outside of a loop a thread has its own, and run() starts with a copy",
          "[CTX-10]") {
  auto token = number.set(3);
  CHECK(number.get() == 3);
  auto main = []() -> Task<int> {
    const int seen = number.get();
    number.set(4);
    co_return seen;
  };
  CHECK(asyncio::run(main) == 3);
  CHECK(number.get() == 3);
  number.reset(token);  // run() hands this thread's context on to every other test
}

}  // namespace context_test

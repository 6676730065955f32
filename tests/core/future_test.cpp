#include <asyncio/core/future.hpp>
//
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <memory>
#include <unordered_set>

#include <support/async_test.hpp>
#include <support/counted.hpp>

namespace future_test {

using namespace asyncio;
using namespace std::chrono_literals;

namespace {

static_assert(FutureLike<Future<int>>);
static_assert(FutureLike<TaskHandle<>> && FutureLike<AnyFuture> && !FutureLike<int>);

template <class T>
Future<T> new_future() {
  return get_running_loop().create_future<T>();
}

/// Notes what the exception handler is told while it lives.
class Reports {
 public:
  Reports() {
    get_running_loop().set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
      messages.emplace_back(context.message);
    });
  }
  Reports(const Reports&) = delete;
  ~Reports() { get_running_loop().set_exception_handler(nullptr); }
  std::vector<std::string> messages;
};

}  // namespace

ASYNC_TEST("future: is pending, then finished or cancelled, once", "[FUT-01][FUT-07]") {
  auto a = new_future<int>();
  CHECK(a.state() == FutureState::pending);
  CHECK_FALSE(a.done());
  a.set_result(1);
  CHECK(a.state() == FutureState::finished);
  CHECK(a.done());
  CHECK_FALSE(a.cancelled());
  auto b = new_future<int>();
  b.cancel();
  CHECK(b.state() == FutureState::cancelled);
  CHECK(b.done());
  CHECK(b.cancelled());
  co_return;
}

ASYNC_TEST("future: cannot be set twice, and keeps its first outcome", "[FUT-02]") {
  auto a = new_future<int>();
  a.set_result(1);
  CHECK_THROWS_AS(a.set_result(2), InvalidStateError);
  CHECK_THROWS_AS(a.set_exception(RuntimeError("no")), InvalidStateError);
  CHECK(a.result() == 1);
  auto b = new_future<int>();
  b.cancel();
  CHECK_THROWS_AS(b.set_result(2), InvalidStateError);
  CHECK(b.cancelled());
  co_return;
}

ASYNC_TEST("future: takes an exception as an object or as a pointer", "[FUT-03]") {
  auto a = new_future<void>();
  a.set_exception(RuntimeError("object"));
  CHECK_THROWS_AS(a.result(), RuntimeError);
  auto b = new_future<void>();
  b.set_exception(std::make_exception_ptr(RuntimeError("pointer")));
  CHECK_THROWS_AS(b.result(), RuntimeError);
  co_return;
}

ASYNC_TEST("future: result() gives the value, the exception, or says why not", "[FUT-04]") {
  auto a = new_future<std::string>();
  CHECK_THROWS_AS(a.result(), InvalidStateError);
  a.set_result("text");
  CHECK(a.result() == "text");
  a.result() += "!";
  CHECK(a.result() == "text!");
  auto b = new_future<std::string>();
  b.cancel("why");
  CHECK_THROWS_AS(b.result(), CancelledError);
  co_return;
}

ASYNC_TEST("future: exception() gives the exception, or null for a result", "[FUT-05]") {
  auto a = new_future<int>();
  CHECK_THROWS_AS(a.exception(), InvalidStateError);
  a.set_exception(RuntimeError("x"));
  CHECK(a.exception() != nullptr);
  auto b = new_future<int>();
  b.set_result(1);
  CHECK(b.exception() == nullptr);
  auto c = new_future<int>();
  c.cancel();
  CHECK_THROWS_AS(c.exception(), CancelledError);
  co_return;
}

ASYNC_TEST("future: cancel() works while it is pending and keeps its message", "[FUT-06][CAN-12]") {
  auto a = new_future<int>();
  CHECK(a.cancel("why"));
  CHECK_FALSE(a.cancel("again"));
  std::string message;
  try {
    co_await a;
  } catch (const CancelledError& error) {
    message = error.message();
  }
  CHECK(message == "why");
  auto b = new_future<int>();
  b.set_result(1);
  CHECK_FALSE(b.cancel());
  CHECK(b.result() == 1);
}

ASYNC_TEST("future: callbacks are called once, in order, never inline", "[FUT-08]") {
  auto future = new_future<int>();
  std::string order;
  for (char name : {'a', 'b', 'c'}) {
    future.add_done_callback([&order, name](Future<int> done) {
      CHECK(done.result() == 7);
      order += name;
    });
  }
  future.set_result(7);
  CHECK(order.empty());
  co_await sleep(0s);
  CHECK(order == "abc");
  future.add_done_callback([&](Future<int>) { order += 'd'; });
  CHECK(order == "abc");
  co_await sleep(0s);
  co_await sleep(0s);
  CHECK(order == "abcd");
}

ASYNC_TEST("future: a coroutine that reaches a finished future overtakes its callbacks",
           "[FUT-08]") {
  auto future = new_future<int>();
  bool called = false;
  future.add_done_callback([&](Future<int>) { called = true; });
  future.set_result(1);
  co_await future;
  CHECK_FALSE(called);
  co_await sleep(0s);
  CHECK(called);
}

ASYNC_TEST("future: a callback is withdrawn by its id, unless it is queued", "[FUT-09]") {
  auto future = new_future<int>();
  std::string order;
  const CallbackId a = future.add_done_callback([&](Future<int>) { order += 'a'; });
  const CallbackId b = future.add_done_callback([&](Future<int>) { order += 'b'; });
  CHECK(future.remove_done_callback(a));
  CHECK_FALSE(future.remove_done_callback(a));
  future.set_result(1);
  CHECK_FALSE(future.remove_done_callback(b));
  co_await sleep(0s);
  CHECK(order == "b");
}

ASYNC_TEST("future: a callback may remove another and add one", "[FUT-09]") {
  auto future = new_future<int>();
  std::string order;
  CallbackId second{};
  future.add_done_callback([&](Future<int> done) {
    order += 'a';
    CHECK_FALSE(done.remove_done_callback(second));  // queued already
    done.add_done_callback([&](Future<int>) { order += 'c'; });
  });
  second = future.add_done_callback([&](Future<int>) { order += 'b'; });
  future.set_result(1);
  co_await sleep(0s);
  co_await sleep(0s);
  CHECK(order == "abc");
}

ASYNC_TEST("future: a callback that throws is reported, the others run", "[FUT-10][CBK-11]") {
  Reports reports;
  auto future = new_future<int>();
  bool ran = false;
  future.add_done_callback([](Future<int>) { throw RuntimeError("callback"); });
  future.add_done_callback([&](Future<int>) { ran = true; });
  future.set_result(1);
  co_await sleep(0s);
  CHECK(ran);
  CHECK(reports.messages == std::vector<std::string>{"Exception in callback"});
}

ASYNC_TEST("future: a failure that nobody asks for is reported when the last handle goes",
           "[FUT-11]") {
  Reports reports;
  new_future<int>().set_exception(RuntimeError("lost"));
  CHECK(reports.messages == std::vector<std::string>{"Future exception was never retrieved"});
  reports.messages.clear();
  {
    auto a = new_future<int>();
    a.set_exception(RuntimeError("x"));
    CHECK_THROWS_AS(a.result(), RuntimeError);
    auto b = new_future<int>();
    b.set_exception(RuntimeError("x"));
    CHECK(b.exception() != nullptr);
    auto c = new_future<int>();
    c.set_exception(RuntimeError("x"));
    c.cancel();
    auto d = new_future<int>();
    d.set_exception(RuntimeError("x"));
    const Outcome<int> outcome = co_await as_outcome(d);
    CHECK_FALSE(outcome.has_value());
    new_future<int>().set_result(1);
    new_future<int>().cancel();
  }
  CHECK(reports.messages.empty());
}

ASYNC_TEST("future: knows its loop and where it was made", "[FUT-12][FUT-13][FUT-21]") {
  auto future = new_future<int>();
  CHECK(&future.get_loop() == &get_running_loop());
  auto here = get_running_loop().create_future();
  CHECK(here.made_at().line() == __LINE__ - 1);
  co_return;
}

ASYNC_TEST("future: isfuture() tells futures and tasks from the rest", "[FUT-14]") {
  auto task = create_task(sleep(0s));
  CHECK(isfuture(task));
  CHECK(isfuture(new_future<int>()));
  CHECK_FALSE(isfuture(1));
  co_await task;
}

ASYNC_TEST("future: a value that is not wanted by a cancelled waiter is destroyed", "[FUT-20]") {
  using Counted = asyncio_test::Counted<struct FutureTag>;
  Counted::count.reset();
  {
    auto a = new_future<Counted>();
    a.set_result(1);
    auto b = new_future<Counted>();
    b.set_result(Counted(2));
    const Counted taken = co_await std::move(b);
    CHECK(taken.value() == 2);
    new_future<Counted>().cancel();
    auto c = new_future<Counted>();
    c.set_exception(std::make_exception_ptr(Counted(3)));
    CHECK(c.exception() != nullptr);
  }
  CHECK(Counted::count.alive() == 0);
}

ASYNC_TEST("future: many tasks may await it, many times", "[CORO-03]") {
  auto future = new_future<std::string>();
  auto reader = [future]() -> Task<const std::string*> {
    const std::string& text = co_await future;
    const std::string& again = co_await future;
    CHECK(&text == &again);
    co_return &text;
  };
  auto a = create_task(reader);
  auto b = create_task(reader);
  co_await sleep(0s);
  future.set_result("shared");
  const auto first = co_await a;
  const auto second = co_await b;
  CHECK(first == second);
  CHECK(*first == "shared");
}

ASYNC_TEST("future: every waiter gets the same exception object", "[CORO-03]") {
  auto future = new_future<void>();
  future.set_exception(RuntimeError("same"));
  const std::exception* seen[2] = {};
  for (auto& each : seen) {
    try {
      co_await future;
    } catch (const RuntimeError& error) {
      each = &error;
    }
  }
  CHECK(seen[0] != nullptr);
  CHECK(seen[0] == seen[1]);
}

ASYNC_TEST("future: a finished one does not suspend", "[CORO-03]") {
  auto future = new_future<int>();
  future.set_result(1);
  bool other_ran = false;
  get_running_loop().call_soon([&] { other_ran = true; });
  co_await future;
  CHECK_FALSE(other_ran);
  co_await sleep(0s);  // the callback refers to this frame
}

ASYNC_TEST("future: gives references and move-only results") {
  int target = 0;
  auto reference = new_future<int&>();
  reference.set_result(detail::Reference<int>{&target});
  int& got = co_await reference;
  got = 4;
  CHECK(target == 4);
  auto owned = new_future<std::unique_ptr<int>>();
  owned.set_result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = co_await std::move(owned);
  CHECK(*taken == 5);
}

ASYNC_TEST("future: one of another loop raises in the coroutine, a turn later", "[CORO-04]") {
  EventLoop other;
  auto future = other.create_future<int>();
  std::string message;
  bool other_ran = false;
  get_running_loop().call_soon([&] { other_ran = true; });
  try {
    co_await future;
  } catch (const RuntimeError& error) {
    message = error.what();
  }
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring("attached to a different loop"));
  CHECK(other_ran);
}

ASYNC_TEST("future: a task that awaits itself gets an error there, and goes on", "[CORO-05]") {
  TaskHandle<std::string> task;
  auto selfish = [&]() -> Task<std::string> {
    std::string message;
    try {
      co_await task;
    } catch (const RuntimeError& error) {
      message = error.what();
    }
    co_await sleep(0s);
    co_return message;
  };
  task = create_task(selfish());
  const std::string message = co_await task;
  CHECK(message == "Task cannot await on itself");
}

ASYNC_TEST("future: compares by identity and hashes") {
  auto a = new_future<int>();
  auto b = new_future<int>();
  Future<int> same = a;
  CHECK(same == a);
  CHECK_FALSE(a == b);
  std::unordered_set<Future<int>> set{a, b, same};
  CHECK(set.size() == 2);
  std::unordered_set<AnyFuture> any{a, b, same};
  CHECK(any.size() == 2);
  co_return;
}

ASYNC_TEST("future: a CancelledError set as an exception does not make it cancelled", "[CAN-18]") {
  auto future = new_future<void>();
  future.set_exception(CancelledError("set"));
  CHECK_FALSE(future.cancelled());
  CHECK(future.exception() != nullptr);
  auto task = create_task([future]() -> Task<> { co_await future; });
  const Outcome<void> outcome = co_await as_outcome(task);
  CHECK(outcome.cancelled());
  CHECK(task.cancelled());
}

TEST_CASE("future: one that outlives its loop can be asked and dropped") {
  Future<int> kept, failed;
  {
    EventLoop loop;
    kept = loop.create_future<int>();
    failed = loop.create_future<int>();
    kept.add_done_callback([](Future<int>) { FAIL("called after the loop"); });
    failed.set_exception(RuntimeError("seen"));
    loop.close();
  }
  CHECK_FALSE(kept.done());
  CHECK_THROWS_AS(failed.result(), RuntimeError);
}

TEST_CASE("future: a result whose constructor throws leaves it pending", "[FUT-02]") {
  struct Picky {
    explicit Picky(int value) {
      if (value < 0) throw std::invalid_argument("negative");
    }
  };
  EventLoop loop;
  auto future = loop.create_future<Picky>();
  CHECK_THROWS_AS(future.set_result(-1), std::invalid_argument);
  CHECK_FALSE(future.done());
  future.set_result(1);
  CHECK(future.done());
}

TEST_CASE("future: callbacks are destroyed with a future that never ends", "[FUT-09]") {
  EventLoop loop;
  auto captured = std::make_shared<int>(1);
  {
    auto future = loop.create_future<int>();
    future.add_done_callback([captured](Future<int>) {});
    CHECK(captured.use_count() == 2);
  }
  CHECK(captured.use_count() == 1);
}

TEST_CASE("future: callbacks that are queued when the loop closes are destroyed without a call",
          "[FUT-08][LOP-10]") {
  EventLoop loop;
  auto captured = std::make_shared<int>(1);
  auto future = loop.create_future<int>();
  future.add_done_callback([captured](Future<int>) { FAIL("the loop was closed"); });
  future.set_result(1);
  loop.close();
  CHECK(captured.use_count() == 1);
}

TEST_CASE("future: tells its state", "[FUT-01]") {
  EventLoop loop;
  auto future = loop.create_future<int>();
  auto other = loop.create_future<int>();
  CHECK(future.state() == FutureState::pending);
  future.set_result(1);
  other.cancel();
  CHECK(future.state() == FutureState::finished);
  CHECK(other.state() == FutureState::cancelled);
}
ASYNC_VIRTUAL_TEST("future: set_exception() refuses a null pointer", "[FUT-04]") {
  auto future = get_running_loop().create_future<std::string>();
  CHECK_THROWS_AS(future.set_exception(std::exception_ptr()), std::invalid_argument);
  CHECK_FALSE(future.done());
  future.cancel();
  co_return;
}

TEST_CASE("future: one that outlives its loop is set without calling anybody") {
  int calls = 0;
  Future<int> kept;
  auto main = [&]() -> Task<> {
    kept = get_running_loop().create_future<int>();
    kept.add_done_callback([&calls](const Future<int>&) { ++calls; });
    co_return;
  };
  asyncio::run(main);
  kept.set_result(1);
  CHECK(kept.result() == 1);
  CHECK(calls == 0);
}

}  // namespace future_test

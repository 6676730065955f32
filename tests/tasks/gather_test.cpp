#include <asyncio/tasks/gather.hpp>
#include <asyncio/tasks/shield.hpp>

#include <tasks/steps.hpp>

namespace gather_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

Task<Item> gives_item(int value, int n) {
  co_await turns(n);
  co_return Item(value);
}

ASYNC_VIRTUAL_TEST("gather: results in argument order whatever the order of completion",
                   "[GAT-01]") {
  auto [a, b, c, d] =
      co_await gather(gives(std::string("a"), 3), gives(2, 1), turns(2), gives('d'));
  CHECK(a == "a");
  CHECK(b == 2);
  CHECK(c == None());
  CHECK(d == 'd');
}

ASYNC_VIRTUAL_TEST("gather: of a range gives a vector", "[GAT-01]") {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(gives(i, 4 - i));
  const std::vector<int> results = co_await gather(std::move(tasks));
  CHECK(results == std::vector{0, 1, 2, 3});
}

ASYNC_VIRTUAL_TEST("gather: the work starts at the call, in argument order", "[GAT-01]") {
  Trace trace;
  auto starts = [&trace](std::string who) -> Task<> {
    trace.push_back(who);
    co_await turns(1);
  };
  auto unawaited = gather(starts("a"), starts("b"), starts("c"));
  CHECK(trace.empty());
  co_await turns(1);
  CHECK(trace == Trace{"a", "b", "c"});
  co_await turns(3);
  CHECK(unawaited.done());
}

ASYNC_VIRTUAL_TEST("gather: takes futures, handles, callables and other awaitables", "[GAT-01]") {
  auto future = get_running_loop().create_future<int>();
  get_running_loop().call_soon([future] { future.set_result(1); });
  auto task = create_task(gives(2, 1));
  auto [a, b, c, d] = co_await gather(future, task, [] { return gives(3); }, sleep(1s, 4));
  CHECK((a == 1 && b == 2 && c == 3 && d == 4));
}

ASYNC_VIRTUAL_TEST("gather: move-only results of tasks, and of handles given up", "[GAT-01]") {
  Item::count().reset();
  {
    auto handle = create_task(gives_item(2, 1));
    auto both = co_await gather(gives_item(1, 2), std::move(handle));
    CHECK(std::get<0>(both).value() == 1);
    CHECK(std::get<1>(both).value() == 2);

    std::vector<Task<Item>> tasks;
    tasks.push_back(gives_item(3, 1));
    auto items = co_await gather(std::move(tasks));
    CHECK(items.at(0).value() == 3);
  }
  CHECK(Item::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("gather: of handles leaves their results with them", "[GAT-01]") {
  std::vector<TaskHandle<std::string>> tasks;
  tasks.push_back(create_task(gives(std::string("first"))));
  tasks.push_back(create_task(gives(std::string("second"))));
  const auto results = co_await gather(tasks);
  CHECK(results == Trace{"first", "second"});
  CHECK(tasks.at(0).result() == "first");
  CHECK(tasks.at(1).result() == "second");
}

ASYNC_VIRTUAL_TEST("gather: of nothing is done at once", "[GAT-02]") {
  auto none = gather();
  CHECK(none.done());
  const std::tuple<> empty = co_await none;
  static_cast<void>(empty);
  std::vector<TaskHandle<int>> tasks;
  auto no_tasks = gather(tasks);
  CHECK(no_tasks.done());
  CHECK(no_tasks.result().empty());
  CHECK(gather(return_exceptions, tasks).result().empty());
}

TEST_CASE("gather: needs a running loop", "[GAT-02]") {
  CHECK_THROWS_AS(gather(), RuntimeError);
  CHECK_THROWS_AS(gather(std::vector<TaskHandle<int>>()), RuntimeError);
}

ASYNC_VIRTUAL_TEST("gather: the same handle twice runs once and gives its result twice",
                   "[GAT-03]") {
  int runs = 0;
  auto counts = [&runs]() -> Task<int> {
    co_await turns(1);
    co_return ++runs;
  };
  auto task = create_task(counts());
  auto [a, b] = co_await gather(task, task);
  CHECK((a == 1 && b == 1 && runs == 1));
  std::vector<TaskHandle<int>> thrice{task, task, task};
  const auto results = co_await gather(thrice);
  CHECK(results == std::vector{1, 1, 1});
}

ASYNC_VIRTUAL_TEST("gather: futures of another loop are refused", "[GAT-04]") {
  auto other = new_event_loop(Backend::epoll);
  auto foreign = other->create_future<int>();
  auto ours = get_running_loop().create_future<int>();
  CHECK_THROWS_AS(gather(ours, foreign), std::invalid_argument);
  std::vector<Future<int>> futures{ours, foreign};
  CHECK_THROWS_AS(gather(futures), std::invalid_argument);
  co_return;
}

ASYNC_VIRTUAL_TEST("gather: the first error completes it, the others run on", "[GAT-05]") {
  auto survivor = create_task(gives(3, 6));
  auto both = gather(fails<int>("early", 2), survivor);
  const std::string how = co_await ending(both);
  CHECK(how == "invalid_argument(early)");
  CHECK_FALSE(survivor.done());
  const int value = co_await survivor;
  CHECK(value == 3);
}

ASYNC_VIRTUAL_TEST("gather: later errors of the others count as retrieved", "[GAT-05]") {
  Reports reports;
  {
    auto both = gather(fails("early", 1), fails("late", 3));
    const std::string how = co_await ending(both);
    CHECK(how == "invalid_argument(early)");
  }
  co_await turns(6);
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("gather: its own error is reported when nobody asks for it", "[GAT-05]") {
  Reports reports;
  {
    auto both = gather(fails("unseen"), turns(1));
    co_await turns(6);
  }
  CHECK(reports.messages() ==
        Trace{"Future exception was never retrieved: invalid_argument(unseen)"});
}

ASYNC_VIRTUAL_TEST("gather: a cancelled child counts as one that raised CancelledError",
                   "[GAT-06]") {
  auto child = create_task(endless());
  auto sibling = create_task(turns(8));
  auto both = gather(child, sibling);
  co_await turns(1);
  child.cancel("only you");
  const std::string how = co_await ending(both);
  CHECK(how == "CancelledError(only you)");
  CHECK_FALSE(both.cancelled());
  CHECK(describe(both.exception()) == "CancelledError(only you)");
  CHECK_FALSE(sibling.done());
  CHECK(sibling.cancelling() == 0);
  CHECK(current_task().cancelling() == 0);
  co_await sibling;
}

ASYNC_VIRTUAL_TEST("gather: with return_exceptions failures are results, and all are waited for",
                   "[GAT-07]") {
  auto child = create_task(endless());
  auto all = gather(return_exceptions, fails("no"), child, gives(3, 5));
  co_await turns(1);
  child.cancel("why");
  auto [failed, cancelled, value] = co_await all;
  CHECK(describe(failed) == "invalid_argument(no)");
  CHECK(describe(cancelled) == "CancelledError(why)");
  CHECK(cancelled.cancelled());
  CHECK(value.value() == 3);
}

ASYNC_VIRTUAL_TEST("gather: with return_exceptions, of a range", "[GAT-07]") {
  std::vector<Task<int>> tasks;
  tasks.push_back(gives(1, 3));
  tasks.push_back(fails<int>("no"));
  const std::vector<Outcome<int>> results = co_await gather(return_exceptions, std::move(tasks));
  REQUIRE(results.size() == 2);
  CHECK(results[0].value() == 1);
  CHECK(describe(results[1]) == "invalid_argument(no)");
}

ASYNC_VIRTUAL_TEST("gather: cancelling it cancels every child that is not done", "[GAT-08]") {
  auto finished = create_task(gives(1));
  auto first = create_task(endless());
  auto second = create_task(endless());
  auto all = gather(finished, first, second);
  co_await turns(2);
  CHECK(all.cancel("enough"));
  CHECK_FALSE(all.done());  // not before the children have answered
  const std::string how = co_await ending(all);
  CHECK(how == "CancelledError(enough)");
  CHECK(finished.result() == 1);
  CHECK(first.cancelled());
  CHECK(second.cancelled());
}

ASYNC_VIRTUAL_TEST("gather: cancelled with return_exceptions it waits for all, then raises",
                   "[GAT-08]") {
  auto slow = create_task(cleans_up(4));
  auto task = create_task([&slow]() -> Task<> {
    static_cast<void>(co_await gather(return_exceptions, slow, endless()));
  });
  co_await turns(2);
  task.cancel("enough");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(enough)");
  CHECK(slow.cancelled());
}

ASYNC_VIRTUAL_TEST(
    "gather: cancelled with return_exceptions it raises though children answered "
    "with results",
    "[GAT-08]") {
  auto stubborn = [](int n) -> Task<int> {
    static_cast<void>(co_await cancellation());
    co_await turns(n);
    co_return n;
  };
  auto all = gather(return_exceptions, stubborn(0), stubborn(2));
  co_await turns(1);
  CHECK(all.cancel());
  const std::string how = co_await ending(all);
  CHECK(how == "CancelledError");
}

ASYNC_VIRTUAL_TEST("gather: a cancellation that no child takes is refused", "[GAT-09]") {
  auto first = get_running_loop().create_future<int>();
  auto second = get_running_loop().create_future<int>();
  auto both = gather(first, second);
  auto waits = [&both]() -> Task<int> {
    const auto [a, b] = co_await both;
    co_return a + b;
  };
  auto waiter = create_task(waits());
  co_await turns(1);
  first.set_result(1);
  second.set_result(2);  // the gather has not heard of it yet
  CHECK_FALSE(both.cancel());
  const int sum = co_await waiter;
  CHECK(sum == 3);
}

ASYNC_VIRTUAL_TEST("gather: its awaiter resumes with the first child that answers a cancellation",
                   "[GAT-10]") {
  auto slow = create_task(cleans_up(6));
  auto quick = create_task(endless());
  auto waits = [&]() -> Task<> { static_cast<void>(co_await gather(slow, quick)); };
  auto waiter = create_task(waits());
  co_await turns(2);
  waiter.cancel();
  const std::string how = co_await ending(waiter);
  CHECK(how == "CancelledError");
  CHECK(quick.cancelled());
  CHECK_FALSE(slow.done());
  const std::string of_slow = co_await ending(slow);
  CHECK(of_slow == "CancelledError");
}

ASYNC_VIRTUAL_TEST("gather: cancelling a finished one leaves the children that run", "[GAT-11]") {
  auto survivor = create_task(gives(1, 6));
  auto both = gather(fails<int>("no"), survivor);
  const std::string how = co_await ending(both);
  CHECK(how == "invalid_argument(no)");
  CHECK_FALSE(both.cancel());
  const int value = co_await survivor;
  CHECK(value == 1);
}

template <class... As>
concept CanGather = requires(As&&... awaitables) { gather(std::forward<As>(awaitables)...); };
static_assert(CanGather<Task<int>, TaskHandle<>&, Future<int>>);
static_assert(!CanGather<Task<int>, int>);  // GAT-12: refused by the compiler, before anything runs

ASYNC_VIRTUAL_TEST("gather: a bad argument does not compile, so that nothing was started",
                   "[GAT-12]") {
  CHECK_FALSE(CanGather<Task<int>, int>);
  co_return;
}

ASYNC_VIRTUAL_TEST("gather: has no link to its survivors once it is done", "[GAT-13]") {
  auto survivor = get_running_loop().create_future<int>();
  {
    auto both = gather(fails<int>("no"), survivor);
    CHECK(both.shared_state()->subscribers().empty());  // no extra callback on the outer future
    const std::string how = co_await ending(both);
    CHECK(how == "invalid_argument(no)");
  }
  survivor.set_result(1);
  co_await turns(2);
}

ASYNC_VIRTUAL_TEST("gather: a shielded gather survives the cancellation of its shield",
                   "[GAT-14]") {
  auto child = get_running_loop().create_future<int>();
  auto inner = gather(child, gives(2, 1));
  auto outer = shield(inner);
  outer.cancel();
  co_await turns(1);
  CHECK_FALSE(inner.done());
  child.set_result(1);
  const auto [a, b] = co_await inner;
  CHECK((a == 1 && b == 2));
}

ASYNC_VIRTUAL_TEST("gather: of shields, cancelled, leaves the work behind them running",
                   "[GAT-14]") {
  auto first = get_running_loop().create_future<int>();
  auto second = get_running_loop().create_future<int>();
  auto a = shield(first);
  auto b = shield(second);
  auto both = gather(a, b);
  CHECK(both.cancel());
  co_await turns(2);
  CHECK((a.cancelled() && b.cancelled()));
  CHECK(describe(both.exception()) == "CancelledError");
  CHECK_FALSE(both.cancelled());
  first.set_result(1);
  second.set_result(2);
  co_await turns(2);
}

ASYNC_VIRTUAL_TEST("gather: of tasks that finished eagerly is done at once", "[EAG-08]") {
  get_running_loop().set_task_factory(eager_task_factory);
  auto both = gather(gives(1), gives(2));
  get_running_loop().set_task_factory(nullptr);
  REQUIRE(both.done());
  CHECK(both.result() == std::tuple(1, 2));

  auto first = get_running_loop().create_future<int>();
  first.set_exception(std::invalid_argument("first"));
  auto second = get_running_loop().create_future<int>();
  second.set_result(2);
  const std::string how = co_await ending(gather(first, second));
  CHECK(how == "invalid_argument(first)");
}

ASYNC_VIRTUAL_TEST("gather: a result that cannot be copied out becomes its error", "[GAT-01]") {
  struct FailsToCopy {
    FailsToCopy() = default;
    FailsToCopy(const FailsToCopy& other) : armed(other.armed) {
      if (armed) throw std::invalid_argument("copy");
    }
    FailsToCopy(FailsToCopy&&) = default;
    FailsToCopy& operator=(const FailsToCopy&) = default;
    bool armed = false;
  };
  auto future = get_running_loop().create_future<FailsToCopy>();
  future.set_result();
  future.result().armed = true;
  const std::string how = co_await ending(gather(future));
  CHECK(how == "invalid_argument(copy)");
  future.result().armed = false;
}

ASYNC_VIRTUAL_TEST("gather: futures that nobody will set may go", "[GAT-13]") {
  Reports reports;
  std::optional future = get_running_loop().create_future<int>();
  std::optional both = gather(*future);
  future.reset();
  CHECK(both->cancel());  // the gather keeps its children
  co_await turns(2);
  CHECK(both->done());
  both.reset();
  CHECK(reports.messages().size() == 1);  // its CancelledError was not retrieved
}

ASYNC_VIRTUAL_TEST("gather: tasks that wait for each other in a ring can be cancelled",
                   "[GAT-08]") {
  TaskHandle<> second;
  auto first = create_task([&second]() -> Task<> { co_await gather(second); });
  second = create_task([&first]() -> Task<> { co_await gather(first); });
  co_await turns(2);
  CHECK(first.cancel());
  co_await turns(6);
  CHECK(first.cancelled());
  CHECK(second.cancelled());
}

ASYNC_VIRTUAL_TEST("gather: the same handle twice gives its result twice, and keeps it",
                   "[GAT-03]") {
  auto handle = create_task(gives(std::string("a string that does not fit inside"), 1));
  std::vector handles(2, handle);
  const std::vector<std::string> results = co_await gather(std::move(handles));
  CHECK(results == std::vector<std::string>(2, "a string that does not fit inside"));
  CHECK(handle.result() == results[0]);
}

ASYNC_VIRTUAL_TEST("gather: a reference is given as what converts to it", "[GAT-01]") {
  int target = 1;
  auto refers = [&target]() -> Task<int&> { co_return target; };
  auto results = co_await gather(refers(), refers());
  int& first = std::get<0>(results);
  first = 2;
  CHECK(std::get<1>(results) == 2);
  CHECK(&first == &target);
}

ASYNC_VIRTUAL_TEST("gather: was made in the coroutine that called it", "[GAT-01]") {
  auto future = gather(turns(1), turns(1));
  CHECK(std::string(future.made_at().file_name()) == __FILE__);
  co_await future;
}

}  // namespace

}  // namespace gather_test

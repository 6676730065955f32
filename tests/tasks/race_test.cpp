#include <asyncio/tasks/race.hpp>

#include <tasks/steps.hpp>

#include <memory>

namespace race_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

struct GuardTag;
using Guard = Counted<GuardTag>;

/// Never ends by itself, and takes n turns to be cancelled.
Task<> loses(int n = 0) {
  const Guard guard;
  co_await cleans_up(n);
}

/// Gives a value although it is cancelled: its work had taken effect.
Task<int> gives_when_cancelled(int value) {
  static_cast<void>(co_await cancellation());
  co_return value;
}

}  // namespace

ASYNC_TEST("race: the first to finish wins, the others are cancelled and awaited", "[W-39]") {
  Guard::count.reset();
  auto result = co_await race(loses(3), gives(7, 2), loses());
  CHECK(result.winner == 1);
  CHECK(std::get<1>(result.outcomes).value() == 7);
  CHECK(std::get<0>(result.outcomes).cancelled());
  CHECK(std::get<2>(result.outcomes).cancelled());
  CHECK(Guard::count.constructed == 2);
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("race: the winner's result as a variant") {
  auto result = co_await race(loses(), gives(std::string("won"), 1), gives(3, 9));
  auto value = std::move(result).value();
  CHECK(value.index() == 1);
  CHECK(std::get<1>(value) == "won");
}

ASYNC_TEST("race: a failure wins too") {
  auto result = co_await race(loses(), fails("broken", 1));
  CHECK(result.winner == 1);
  CHECK(describe(std::get<1>(result.outcomes)) == "invalid_argument(broken)");
  std::string how;
  try {
    static_cast<void>(std::move(result).value());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "invalid_argument(broken)");
}

ASYNC_TEST("race: two that finish in the same turn, and no result is lost", "[W-39]") {
  auto result = co_await race(gives(1, 2), gives(2, 2), loses());
  CHECK(result.winner == 0);
  CHECK(std::get<0>(result.outcomes).value() == 1);
  CHECK(std::get<1>(result.outcomes).value() == 2);
}

ASYNC_TEST("race: a loser that finishes all the same is not lost") {
  auto result = co_await race(gives(1, 2), gives_when_cancelled(2));
  CHECK(result.winner == 0);
  CHECK(std::get<1>(result.outcomes).value() == 2);
}

ASYNC_TEST("race: what a loser throws while it is cancelled is there") {
  auto result = co_await race(gives(1, 1), fails_when_cancelled("late", 1));
  CHECK(describe(std::get<1>(result.outcomes)) == "invalid_argument(late)");
}

ASYNC_TEST("race: futures and handles are cancelled when they lose") {
  auto future = get_running_loop().create_future<int>();
  auto task = create_task(loses());
  auto result = co_await race(future, task, gives(1, 2));
  CHECK(result.winner == 2);
  CHECK(future.cancelled());
  CHECK(task.cancelled());
}

ASYNC_TEST("race: a callable, and move-only results") {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  auto result = co_await race(make, loses());
  CHECK(*std::get<0>(result.outcomes).value() == 5);
}

ASYNC_TEST("race: of a range") {
  std::vector<Task<int>> tasks;
  tasks.push_back(gives(0, 9));
  tasks.push_back(gives(1, 2));
  tasks.push_back(gives(2, 9));
  auto result = co_await race(std::move(tasks));
  CHECK(result.winner == 1);
  CHECK(result.outcomes.size() == 3);
  CHECK(result.outcomes[2].cancelled());
  CHECK(std::move(result).value() == 1);
}

ASYNC_TEST("race: of a range of futures, which stay the caller's") {
  EventLoop& loop = get_running_loop();
  const std::vector futures{loop.create_future<int>(), loop.create_future<int>()};
  loop.call_soon([&] { futures[1].set_result(4); });
  auto result = co_await race(futures);
  CHECK(result.winner == 1);
  CHECK(futures[1].result() == 4);
  CHECK(futures[0].cancelled());
}

ASYNC_TEST("race: nobody runs") {
  std::string how;
  try {
    co_await race(std::vector<Task<int>>());
  } catch (const std::invalid_argument& error) {
    how = error.what();
  }
  CHECK(how == "a race needs somebody who runs");
}

ASYNC_TEST("race: cancelled, it cancels and awaits everybody") {
  Guard::count.reset();
  auto task = create_task(race(loses(3), loses(1)));
  co_await turns(2);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(Guard::count.constructed == 2);
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("race: cancelled twice, it still awaits everybody") {
  Guard::count.reset();
  auto task = create_task(race(loses(5), loses(5)));
  co_await turns(2);
  task.cancel();
  co_await turns(2);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(Guard::count.alive() == 0);
}

ASYNC_TEST("race: a cancellation does not cost a result that is there", "[W-04]") {
  int given = 0;
  std::string raised;
  auto racing = [&]() -> Task<> {
    auto result = co_await race(gives_when_cancelled(7), loses());
    given = std::get<0>(result.outcomes).value();
    raised = co_await ending(sleep(0s));
  };
  auto task = create_task(racing());
  co_await turns(3);
  task.cancel();
  co_await ending(task);
  CHECK(given == 7);
  CHECK(raised == "CancelledError");
}

ASYNC_TEST("race: a cancellation while the losers are awaited is raised afterwards") {
  int given = 0;
  std::string raised;
  auto racing = [&]() -> Task<> {
    auto result = co_await race(gives(7, 1), loses(9));
    given = std::get<0>(result.outcomes).value();
    raised = co_await ending(sleep(0s));
  };
  auto task = create_task(racing());
  co_await turns(5);
  CHECK_FALSE(task.done());
  task.cancel();
  co_await ending(task);
  CHECK(given == 7);
  CHECK(raised == "CancelledError");
}

ASYNC_VIRTUAL_TEST("race: against the clock") {
  auto result = co_await race(sleep(1h, 1), sleep(1s, 2));
  CHECK(result.winner == 1);
}

ASYNC_TEST("race: contestants that need not wait, also under an eager task factory") {
  EventLoop& loop = get_running_loop();
  auto lazy = co_await race(gives(1), gives(2));
  CHECK(lazy.winner == 0);
  loop.set_task_factory(eager_task_factory);
  auto eager = co_await race(loses(), gives(2));
  loop.set_task_factory(nullptr);
  CHECK(eager.winner == 1);
}

}  // namespace race_test

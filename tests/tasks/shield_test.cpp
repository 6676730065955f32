#include <asyncio/tasks/shield.hpp>

#include <tasks/steps.hpp>

namespace shield_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;

ASYNC_VIRTUAL_TEST("shield: mirrors the result, the error and the cancellation", "[SHD-01]") {
  const int value = co_await shield(gives(3, 2));
  CHECK(value == 3);
  const std::string failed = co_await ending(shield(fails("no", 2)));
  CHECK(failed == "invalid_argument(no)");

  auto inner = create_task(endless());
  auto outer = shield(inner);
  co_await turns(1);
  inner.cancel();
  co_await turns(3);
  CHECK(outer.cancelled());
}

ASYNC_VIRTUAL_TEST("shield: schedules tasks, callables and other awaitables", "[SHD-01]") {
  auto outer = shield([] { return gives(1, 1); });  // runs without being awaited
  co_await turns(4);
  CHECK(outer.result() == 1);
  const int slept = co_await shield(sleep(1s, 2));
  CHECK(slept == 2);
}

ASYNC_VIRTUAL_TEST("shield: what is done is given itself", "[SHD-02]") {
  auto future = get_running_loop().create_future<int>();
  future.set_result(1);
  auto outer = shield(future);
  CHECK(outer == future);

  auto task = create_task(gives(2));
  co_await turns(1);
  CHECK(shield(task).shared_state() == task.shared_state());
}

ASYNC_VIRTUAL_TEST("shield: cancelling the outer future leaves the inner one running", "[SHD-03]") {
  auto inner = create_task(gives(5, 4));
  auto outer = shield(inner);
  co_await turns(1);
  CHECK(outer.cancel("enough"));
  CHECK(outer.cancelled());
  CHECK_FALSE(outer.cancel());
  const std::string how = co_await ending(outer);
  CHECK(how == "CancelledError(enough)");
  const int value = co_await inner;
  CHECK(value == 5);
  CHECK(inner.cancelling() == 0);
}

ASYNC_VIRTUAL_TEST("shield: cancelling the task that awaits leaves the inner one running",
                   "[SHD-03]") {
  auto inner = create_task(gives(5, 4));
  auto waits = [&inner]() -> Task<> { static_cast<void>(co_await shield(inner)); };
  auto waiter = create_task(waits());
  co_await turns(1);
  waiter.cancel();
  const std::string how = co_await ending(waiter);
  CHECK(how == "CancelledError");
  CHECK_FALSE(inner.done());
  const int value = co_await inner;
  CHECK(value == 5);
}

ASYNC_VIRTUAL_TEST("shield: a cancelled outer future has no link to the inner one", "[SHD-03]") {
  auto inner = get_running_loop().create_future<int>();
  auto outer = shield(inner);
  outer.cancel();
  CHECK(inner.shared_state()->subscribers().empty());
  inner.set_result(1);
  co_await turns(2);
}

ASYNC_VIRTUAL_TEST("shield: a later result of the inner one is ignored", "[SHD-04]") {
  Reports reports;
  auto inner = get_running_loop().create_future<int>();
  auto outer = shield(inner);
  outer.cancel();
  inner.set_result(1);
  co_await turns(2);
  CHECK(outer.cancelled());
  CHECK(inner.result() == 1);
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("shield: a result and the cancellation of the outer future in one turn",
                   "[SHD-03][SHD-04]") {
  auto inner = get_running_loop().create_future<int>();
  auto outer = shield(inner);
  inner.set_result(1);
  CHECK(outer.cancel());  // the outer one has not heard of the result yet
  co_await turns(2);
  CHECK(outer.cancelled());
  CHECK(inner.result() == 1);
}

ASYNC_VIRTUAL_TEST("shield: a later error is reported when the inner one dies unseen", "[SHD-05]") {
  Reports reports;
  {
    auto inner = create_task(fails("unseen", 2));
    auto outer = shield(inner);
    outer.cancel();
    co_await turns(4);
    CHECK(inner.done());
    CHECK(reports.messages().empty());  // still retrievable
  }
  CHECK(reports.messages() ==
        Trace{"Task exception was never retrieved: invalid_argument(unseen)"});
}

ASYNC_VIRTUAL_TEST("shield: a later error that is retrieved is not reported", "[SHD-05]") {
  Reports reports;
  {
    auto inner = create_task(fails("seen", 2));
    auto outer = shield(inner);
    outer.cancel();
    outer.cancel();
    const std::string how = co_await ending(inner);
    CHECK(how == "invalid_argument(seen)");
  }
  CHECK(reports.messages().empty());
}

ASYNC_VIRTUAL_TEST("shield: an error that the outer future took over is reported once",
                   "[SHD-05]") {
  Reports reports;
  {
    auto outer = shield(fails("unseen", 1));
    co_await turns(4);
  }
  CHECK(reports.messages() ==
        Trace{"Future exception was never retrieved: invalid_argument(unseen)"});
}

TEST_CASE("shield: needs a loop for a coroutine, and closes it without one", "[SHD-06]") {
  Counted<Tag>::count.reset();
  auto body = [](Counted<Tag>) -> Task<> { co_return; };
  auto task = body(Counted<Tag>(1));
  CHECK_THROWS_AS(shield(std::move(task)), RuntimeError);
  task.close();
  CHECK(Counted<Tag>::count.alive() == 0);
}

ASYNC_VIRTUAL_TEST("shield: the loop keeps the inner work when every handle is dropped",
                   "[SHD-07]") {
  bool finished = false;
  auto work = [&finished]() -> Task<> {
    co_await sleep(1s);
    finished = true;
  };
  {
    auto outer = shield(work());
    outer.cancel();
  }
  co_await sleep(2s);
  CHECK(finished);
}

ASYNC_VIRTUAL_TEST("shield: the outer future outlives its handles until the inner is done",
                   "[SHD-07]") {
  int calls = 0;
  shield(gives(1, 2)).add_done_callback([&calls](const Future<int>& outer) {
    calls += outer.result();
  });
  co_await turns(6);
  CHECK(calls == 1);
}

ASYNC_VIRTUAL_TEST("shield: a move-only result is handed on", "[SHD-01]") {
  MoveOnly<Tag>::count().reset();
  {
    auto outer = shield([]() -> Task<MoveOnly<Tag>> { co_return MoveOnly<Tag>(4); });
    MoveOnly<Tag> result = co_await std::move(outer);
    CHECK(result.value() == 4);
  }
  CHECK(MoveOnly<Tag>::count().alive() == 0);
}

ASYNC_VIRTUAL_TEST("shield: a future that nobody will set may go", "[SHD-07]") {
  Reports reports;
  std::optional inner = get_running_loop().create_future<int>();
  std::optional outer = shield(*inner);
  inner.reset();
  outer->cancel();
  outer.reset();
  co_await turns(2);
  CHECK(reports.messages().empty());
}

}  // namespace

}  // namespace shield_test

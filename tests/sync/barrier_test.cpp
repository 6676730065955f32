#include <asyncio/sync/barrier.hpp>

#include <tasks/steps.hpp>

#include <algorithm>

namespace barrier_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(AsyncContextManager<Barrier>);
static_assert(!std::is_move_constructible_v<Barrier>);

namespace {

Task<> waits(Barrier& barrier, std::string name, Trace& trace) {
  const Outcome<int> outcome = co_await as_outcome(barrier.wait());
  trace.push_back(
      name + " " +
      (outcome.has_value() ? std::to_string(outcome.value()) : describe(outcome.error())));
  if (!outcome.has_value()) std::rethrow_exception(outcome.error());
}

std::vector<TaskHandle<>> several(Barrier& barrier, const char* names, Trace& trace) {
  std::vector<TaskHandle<>> tasks;
  for (; *names; ++names)
    tasks.push_back(create_task(waits(barrier, std::string(1, *names), trace)));
  return tasks;
}

Task<> all_end(std::vector<TaskHandle<>> tasks) {
  co_await gather(return_exceptions, std::move(tasks));
}

Trace sorted(Trace trace) {
  std::sort(trace.begin(), trace.end());
  return trace;
}

TEST_CASE("barrier: needs a party", "[BAR-01][SYN-02]") {
  std::string how;
  try {
    Barrier barrier(0);
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "invalid_argument(parties must be >= 1)");
  Barrier barrier(3);
  CHECK(barrier.parties() == 3);
  CHECK(barrier.n_waiting() == 0);
  CHECK_FALSE(barrier.broken());
}

ASYNC_TEST("barrier: for one party never suspends", "[BAR-02]") {
  Barrier barrier(1);
  int other_turns = 0;
  get_running_loop().call_soon([&] { ++other_turns; });
  for (int i = 0; i < 3; ++i) {
    const int index = co_await barrier.wait();
    CHECK(index == 0);
  }
  CHECK(other_turns == 0);
  co_await turns(1);
  CHECK(other_turns == 1);
}

ASYNC_TEST("barrier: the last arrival opens it, each gets its number", "[BAR-02]") {
  Barrier barrier(3);
  Trace trace;
  auto tasks = several(barrier, "ab", trace);
  co_await turns(3);
  CHECK(barrier.n_waiting() == 2);
  CHECK(trace == Trace{});
  co_await waits(barrier, "c", trace);
  CHECK(trace == Trace{"c 2"});
  co_await all_end(std::move(tasks));
  CHECK(trace == Trace{"c 2", "a 0", "b 1"});
  CHECK(barrier.n_waiting() == 0);
}

ASYNC_TEST("barrier: is used again and again", "[BAR-03][BAR-04]") {
  Barrier barrier(3);
  std::vector<std::vector<int>> rounds(3);
  auto party = [&]() -> Task<> {
    for (auto& round : rounds) {
      const int index = co_await barrier.wait();
      round.push_back(index);
    }
  };
  co_await gather(party(), party(), party());
  for (auto& round : rounds) {
    std::sort(round.begin(), round.end());
    CHECK(round == std::vector<int>{0, 1, 2});
  }
}

ASYNC_VIRTUAL_TEST("barrier: who comes while it drains belongs to the next round",
                   "[BAR-03][BAR-04]") {
  Barrier barrier(2);
  Trace trace;
  auto first = several(barrier, "ab", trace);
  co_await turns(1);  // b has opened it, a has not left yet
  CHECK(barrier.n_waiting() == 0);
  auto late = create_task(waits(barrier, "c", trace));
  co_await all_end(std::move(first));
  co_await turns(4);
  CHECK(trace == Trace{"b 1", "a 0"});
  CHECK(barrier.n_waiting() == 1);
  co_await waits(barrier, "d", trace);
  co_await late;
  CHECK(trace == Trace{"b 1", "a 0", "d 1", "c 0"});
}

ASYNC_VIRTUAL_TEST("barrier: a task cancelled while it fills counts no longer", "[BAR-05]") {
  Barrier barrier(3);
  Trace trace;
  auto tasks = several(barrier, "abc", trace);
  co_await turns(0);
  auto cancelled = tasks[0];
  cancelled.cancel();
  co_await turns(4);
  CHECK(barrier.n_waiting() == 2);
  CHECK_FALSE(barrier.broken());
  co_await waits(barrier, "d", trace);
  co_await all_end(std::move(tasks));
  CHECK(sorted(trace) == Trace{"b 0", "c 1", "d 2"});
}

ASYNC_VIRTUAL_TEST("barrier: the numbers stay different when one leaves before it opens",
                   "[BAR-05][BAR-02]") {
  Barrier barrier(3);
  Trace trace;
  auto tasks = several(barrier, "ab", trace);
  co_await turns(2);
  tasks[0].cancel();
  co_await turns(3);
  CHECK(barrier.n_waiting() == 1);
  auto more = several(barrier, "cd", trace);
  co_await all_end(std::move(tasks));
  co_await all_end(std::move(more));
  CHECK(sorted(trace) == Trace{"a CancelledError", "b 0", "c 1", "d 2"});
}

ASYNC_VIRTUAL_TEST("barrier: create_task(wait()) cancelled in the turn in which it opens",
                   "[BAR-05]") {
  Barrier barrier(3);
  Trace trace;
  auto a = create_task(barrier.wait());
  auto b = create_task(waits(barrier, "b", trace));
  co_await turns(2);
  co_await waits(barrier, "c", trace);
  CHECK(a.cancel());
  co_await b;
  co_await turns(3);
  CHECK(a.cancelled());
  CHECK(trace == Trace{"c 2", "b 1"});  // the round is complete without it
  CHECK(barrier.n_waiting() == 0);
  auto next = several(barrier, "def", trace);  // and nothing of it is left
  co_await all_end(std::move(next));
  CHECK(trace.size() == 5);
}

ASYNC_VIRTUAL_TEST("barrier: reset sends away who waits", "[BAR-06][BAR-09]") {
  Barrier barrier(3);
  Trace trace;
  auto tasks = several(barrier, "ab", trace);
  co_await turns(2);
  co_await barrier.reset();
  CHECK(barrier.n_waiting() == 0);
  co_await all_end(std::move(tasks));
  CHECK(trace == Trace{"a RuntimeError(Abort or reset of barrier)",
                       "b RuntimeError(Abort or reset of barrier)"});
  CHECK_FALSE(barrier.broken());
  auto again = several(barrier, "cde", trace);
  co_await all_end(std::move(again));
  CHECK(trace.size() == 5);
}

ASYNC_VIRTUAL_TEST("barrier: reset of an empty one does nothing", "[BAR-06]") {
  Barrier barrier(2);
  Trace trace;
  co_await barrier.reset();
  auto tasks = several(barrier, "ab", trace);
  co_await all_end(std::move(tasks));
  CHECK(trace == Trace{"b 1", "a 0"});
}

ASYNC_VIRTUAL_TEST("barrier: reset does not break who is blocked outside", "[BAR-06][BAR-04]") {
  Barrier barrier(2);
  Trace trace;
  auto tasks = several(barrier, "ab", trace);
  auto outside = create_task(waits(barrier, "c", trace));
  co_await turns(1);  // b opened it, a is still inside, c comes too early
  co_await barrier.reset();
  co_await turns(6);
  CHECK(trace == Trace{"b 1", "a RuntimeError(Abort or reset of barrier)"});
  CHECK_FALSE(outside.done());
  CHECK(barrier.n_waiting() == 1);
  co_await all_end(std::move(tasks));
  co_await waits(barrier, "d", trace);
  co_await outside;
  CHECK(trace.back() == "c 0");
}

ASYNC_VIRTUAL_TEST("barrier: abort breaks it for all, until it is reset", "[BAR-07][BAR-08]") {
  Barrier barrier(3);
  Trace trace;
  auto tasks = several(barrier, "ab", trace);
  co_await turns(2);
  co_await barrier.abort();
  CHECK(barrier.broken());
  CHECK(barrier.n_waiting() == 0);
  co_await all_end(std::move(tasks));
  const std::string late = co_await ending(barrier.wait());
  CHECK(late == "RuntimeError(Barrier aborted)");
  CHECK(trace == Trace{"a RuntimeError(Abort or reset of barrier)",
                       "b RuntimeError(Abort or reset of barrier)"});
  co_await barrier.reset();
  CHECK_FALSE(barrier.broken());
  auto again = several(barrier, "cde", trace);
  co_await all_end(std::move(again));
  CHECK(trace.size() == 5);
}

ASYNC_VIRTUAL_TEST("barrier: a task that fails may abort it", "[BAR-07]") {
  Barrier barrier(2);
  Trace trace;
  auto waiter = create_task(waits(barrier, "a", trace));
  co_await turns(1);
  co_await barrier.abort();
  CHECK_THROWS_AS(waiter.result(), InvalidStateError);
  const std::string how = co_await ending(waiter);
  CHECK(how == "RuntimeError(Abort or reset of barrier)");
}

ASYNC_TEST("barrier: as a scope, the body gets the number", "[SYN-05]") {
  Barrier barrier(2);
  auto party = [&barrier]() -> Task<int> {
    co_return co_await async_with(barrier, [](int index) -> Task<int> { co_return index; });
  };
  auto [a, b] = co_await gather(party(), party());
  CHECK(a == 0);
  CHECK(b == 1);
}

TEST_CASE("barrier: a loop that closes destroys waiters and barrier in any order", "[sync]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task([]() -> Task<> {
    Barrier barrier(3);
    Trace trace;
    auto tasks = several(barrier, "ab", trace);
    co_await endless();
  });
  loop->run_once();
  loop->run_once();
  loop->close();
  CHECK(loop->is_closed());
}

}  // namespace

}  // namespace barrier_test

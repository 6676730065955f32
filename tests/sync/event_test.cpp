#include <asyncio/sync/event.hpp>

#include <tasks/steps.hpp>

namespace event_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(!std::is_move_constructible_v<Event>);

namespace {

Task<> waits(Event& event, std::string name, Trace& trace) {
  try {
    const bool result = co_await event.wait();
    trace.push_back(name + (result ? "" : " false"));
  } catch (const CancelledError&) {
    trace.push_back(name + " cancelled");
    throw;
  }
}

Task<> sets_for_another(Event& event) {
  auto waiter = create_task(event.wait());
  co_await turns(1);
  event.set();
  co_await waiter;
}

ASYNC_TEST("event: is not set at first, and a set one lets pass at once", "[EVT-01][EVT-05]") {
  Event event;
  CHECK_FALSE(event.is_set());
  event.set();
  CHECK(event.is_set());
  int other_turns = 0;
  get_running_loop().call_soon([&] { ++other_turns; });
  const bool result = co_await event.wait();
  CHECK(result);
  CHECK(other_turns == 0);
  co_await turns(1);
  CHECK(other_turns == 1);
}

ASYNC_TEST("event: set wakes all in order, once", "[EVT-02]") {
  Event event;
  Trace trace;
  auto a = create_task(waits(event, "a", trace));
  auto b = create_task(waits(event, "b", trace));
  co_await turns(2);
  CHECK(trace == Trace{});
  event.set();
  event.set();
  auto late = create_task(waits(event, "late", trace));
  CHECK(trace == Trace{});
  co_await late;
  CHECK(trace == Trace{"a", "b", "late"});
}

ASYNC_TEST("event: who finds it set runs before those who are woken", "[EVT-02]") {
  Event event;
  Trace trace;
  auto a = create_task(waits(event, "a", trace));
  co_await turns(1);
  auto late = create_task(waits(event, "late", trace));  // queued before the wake-up
  event.set();
  co_await a;
  CHECK(trace == Trace{"late", "a"});
}

ASYNC_TEST("event: cleared, it still lets pass who was woken", "[EVT-03]") {
  Event event;
  Trace trace;
  auto a = create_task(waits(event, "a", trace));
  co_await turns(1);
  event.set();
  event.clear();
  auto b = create_task(waits(event, "b", trace));
  co_await turns(2);
  CHECK(trace == Trace{"a"});
  CHECK_FALSE(event.is_set());
  event.set();
  co_await b;
}

ASYNC_TEST("event: a cancelled waiter leaves", "[EVT-04]") {
  Event event;
  Trace trace;
  auto a = create_task(waits(event, "a", trace));
  auto b = create_task(waits(event, "b", trace));
  co_await turns(1);
  a.cancel();
  event.set();
  co_await b;
  CHECK(trace == Trace{"a cancelled", "b"});
  CHECK(a.cancelled());
}

ASYNC_VIRTUAL_TEST("event: a cancel after set is raised, the event stays set", "[EVT-04][CAN-07]") {
  Event event;
  auto a = create_task(event.wait());
  co_await turns(1);
  event.set();
  CHECK(a.cancel());
  co_await turns(1);
  CHECK(a.cancelled());
  CHECK(event.is_set());
}

ASYNC_VIRTUAL_TEST("event: may end once it is set", "[EVT-02]") {
  Trace trace;
  std::optional<Event> event(std::in_place);
  auto a = create_task(waits(*event, "a", trace));
  co_await turns(1);
  event->set();
  event.reset();
  co_await a;
  CHECK(trace == Trace{"a"});
}

ASYNC_VIRTUAL_TEST("event: composes with wait_for", "[SYN-03][EVT-04]") {
  Event event;
  const std::string how = co_await ending(wait_for(event.wait(), 1s));
  CHECK(how == "TimeoutError");
  event.set();
  const bool result = co_await wait_for(event.wait(), 1s);
  CHECK(result);
}

TEST_CASE("event: tasks of a second loop cannot wait for it", "[SYN-01][SYN-02]") {
  Event event;
  auto first = new_event_loop();
  auto second = new_event_loop();
  first->run_until_complete(sets_for_another(event));
  std::string how;
  event.clear();
  try {
    second->run_until_complete(event.wait());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Event is bound to a different event loop)");
}

}  // namespace

}  // namespace event_test

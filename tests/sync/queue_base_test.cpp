// Who waits at a queue, and what becomes of items and room when they are cancelled.
#include <asyncio/sync/queue_base.hpp>

#include <asyncio/sync/queue.hpp>

#include <tasks/steps.hpp>

namespace queue_base_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

using Ints = Queue<int>;

Task<> gets(Ints& queue, std::string name, Trace& trace) {
  const Outcome<int> outcome = co_await as_outcome(queue.get());
  trace.push_back(
      name + " " +
      (outcome.has_value() ? std::to_string(outcome.value()) : describe(outcome.error())));
  if (!outcome.has_value()) std::rethrow_exception(outcome.error());
}

Task<> puts(Ints& queue, int item, Trace& trace) {
  const Outcome<void> outcome = co_await as_outcome(queue.put(item));
  trace.push_back("put " + std::to_string(item) +
                  (outcome.has_value() ? "" : " " + describe(outcome.error())));
  if (!outcome.has_value()) std::rethrow_exception(outcome.error());
}

/// What is in the queue, taken out.
std::vector<int> rest(Ints& queue) {
  std::vector<int> items;
  while (auto item = queue.try_get()) items.push_back(*item);
  return items;
}
using Items = std::vector<int>;

ASYNC_TEST("queue: getters are served in order of arrival", "[QUE-02]") {
  Ints queue;
  Trace trace;
  auto a = create_task(gets(queue, "a", trace));
  auto b = create_task(gets(queue, "b", trace));
  auto c = create_task(gets(queue, "c", trace));
  co_await turns(1);
  for (int i = 1; i <= 3; ++i) queue.put_nowait(i);
  CHECK(trace == Trace{});
  co_await turns(1);
  CHECK(trace == Trace{"a 1", "b 2", "c 3"});
}

ASYNC_TEST("queue: putters are served in order of arrival", "[QUE-02]") {
  Ints queue(1);
  Trace trace;
  queue.put_nowait(0);
  auto a = create_task(puts(queue, 1, trace));
  auto b = create_task(puts(queue, 2, trace));
  co_await turns(1);
  CHECK(trace == Trace{});
  Items taken;
  for (int i = 0; i < 3; ++i) {
    taken.push_back(queue.get_nowait());
    co_await turns(1);
  }
  CHECK(taken == Items{0, 1, 2});
  CHECK(trace == Trace{"put 1", "put 2"});
}

ASYNC_VIRTUAL_TEST("queue: an item wakes one getter, and belongs to nobody before it runs",
                   "[QUE-04]") {
  Ints queue;
  Trace trace;
  auto a = create_task(gets(queue, "a", trace));
  auto b = create_task(gets(queue, "b", trace));
  co_await turns(1);
  queue.put_nowait(1);
  CHECK(queue.get_nowait() == 1);  // a was woken for it
  co_await turns(2);
  CHECK(trace == Trace{});
  queue.put_nowait(2);  // a has lined up again, behind b
  queue.put_nowait(3);
  co_await turns(1);
  CHECK(trace == Trace{"b 2", "a 3"});
}

ASYNC_VIRTUAL_TEST("queue: room wakes one putter, and belongs to nobody before it runs",
                   "[QUE-04]") {
  Ints queue(1);
  Trace trace;
  queue.put_nowait(0);
  auto a = create_task(puts(queue, 1, trace));
  auto b = create_task(puts(queue, 2, trace));
  co_await turns(1);
  CHECK(queue.get_nowait() == 0);
  queue.put_nowait(9);  // before a, who was woken
  co_await turns(2);
  CHECK(trace == Trace{});
  CHECK(queue.get_nowait() == 9);
  co_await turns(1);
  CHECK(trace == Trace{"put 2"});  // a has lined up again, behind b
  CHECK(queue.get_nowait() == 2);
  co_await a;
}

ASYNC_VIRTUAL_TEST("queue: a getter cancelled in line leaves", "[QUE-05][QUE-07]") {
  Ints queue;
  Trace trace;
  auto a = create_task(gets(queue, "a", trace));
  auto b = create_task(gets(queue, "b", trace));
  co_await turns(1);
  a.cancel();
  queue.put_nowait(1);
  co_await b;
  CHECK(trace == Trace{"a CancelledError", "b 1"});
  CHECK(queue.empty());
}

// bpo-23812, python/asyncio #265: the item that a cancelled getter was woken for was lost.
ASYNC_VIRTUAL_TEST("queue: a getter cancelled after it was woken leaves the item to the next",
                   "[QUE-05]") {
  Ints queue;
  Trace trace;
  auto a = create_task(gets(queue, "a", trace));
  auto b = create_task(gets(queue, "b", trace));
  co_await turns(1);
  queue.put_nowait(1);
  a.cancel();
  co_await turns(1);
  CHECK(trace == Trace{"a CancelledError"});
  co_await turns(1);
  CHECK(trace == Trace{"a CancelledError", "b 1"});
}

ASYNC_VIRTUAL_TEST("queue: create_task(get()) cancelled in the turn of the hand-off", "[QUE-05]") {
  Ints queue;
  auto a = create_task(queue.get());
  co_await turns(1);
  queue.put_nowait(1);
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK(rest(queue) == Items{1});
}

ASYNC_VIRTUAL_TEST("queue: create_task(get()) cancelled, and the item was taken by another",
                   "[QUE-05]") {
  Ints queue;
  Trace trace;
  auto a = create_task(queue.get());
  auto b = create_task(gets(queue, "b", trace));
  co_await turns(1);
  queue.put_nowait(1);
  a.cancel();
  CHECK(queue.get_nowait() == 1);
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK_FALSE(b.done());  // there was nothing to pass on
  queue.put_nowait(2);
  co_await b;
  CHECK(trace == Trace{"b 2"});
}

ASYNC_VIRTUAL_TEST("queue: a putter cancelled in line leaves, and does not put",
                   "[QUE-06][QUE-07]") {
  Ints queue(1);
  Trace trace;
  queue.put_nowait(0);
  auto a = create_task(puts(queue, 1, trace));
  auto b = create_task(puts(queue, 2, trace));
  co_await turns(1);
  a.cancel();
  CHECK(queue.get_nowait() == 0);
  co_await b;
  CHECK(trace == Trace{"put 1 CancelledError", "put 2"});
  CHECK(rest(queue) == Items{2});
}

ASYNC_VIRTUAL_TEST("queue: a putter cancelled after it was woken leaves the room to the next",
                   "[QUE-06]") {
  Ints queue(1);
  Trace trace;
  queue.put_nowait(0);
  auto a = create_task(puts(queue, 1, trace));
  auto b = create_task(puts(queue, 2, trace));
  co_await turns(1);
  CHECK(queue.get_nowait() == 0);
  a.cancel();
  co_await turns(2);
  CHECK(trace == Trace{"put 1 CancelledError", "put 2"});
  CHECK(rest(queue) == Items{2});
}

ASYNC_VIRTUAL_TEST("queue: create_task(put()) cancelled in the turn in which there is room",
                   "[QUE-06]") {
  Queue<std::unique_ptr<int>> queue(1);
  co_await queue.put(std::make_unique<int>(0));
  auto a = create_task(queue.put(std::make_unique<int>(1)));
  auto b = create_task(queue.put(std::make_unique<int>(2)));
  co_await turns(1);
  CHECK(*queue.get_nowait() == 0);
  CHECK(a.cancel());
  co_await turns(2);
  CHECK(a.cancelled());
  CHECK(b.done());
  CHECK(*queue.get_nowait() == 2);
  CHECK(queue.empty());
}

ASYNC_VIRTUAL_TEST("queue: waits compose with wait_for, and leave no waiters behind",
                   "[SYN-03][QUE-07]") {
  Ints queue(1);
  const std::string get = co_await ending(wait_for(queue.get(), 1s));
  CHECK(get == "TimeoutError");
  queue.put_nowait(1);
  const std::string put = co_await ending(wait_for(queue.put(2), 1s));
  CHECK(put == "TimeoutError");
  CHECK(rest(queue) == Items{1});
  queue.put_nowait(3);
  const int item = co_await wait_for(queue.get(), 1s);
  CHECK(item == 3);
}

ASYNC_VIRTUAL_TEST("queue: shutdown wakes all that wait", "[QUE-09]") {
  Ints queue(1);
  Trace trace;
  auto a = create_task(gets(queue, "a", trace));
  auto b = create_task(gets(queue, "b", trace));
  co_await turns(1);
  queue.shutdown();
  queue.shutdown();
  co_await turns(1);
  CHECK(trace == Trace{"a the queue was shut down", "b the queue was shut down"});
  CHECK(a.done());
  const std::string b_ended = co_await ending(b);
  CHECK(b_ended == "the queue was shut down");
  const std::string a_ended = co_await ending(a);
  CHECK(a_ended == "the queue was shut down");
}

ASYNC_VIRTUAL_TEST("queue: a putter that was woken finds it shut down", "[QUE-09]") {
  Ints queue(1);
  Trace trace;
  queue.put_nowait(0);
  auto a = create_task(puts(queue, 1, trace));
  co_await turns(1);
  CHECK(queue.get_nowait() == 0);
  queue.shutdown();
  const std::string how = co_await ending(a);
  CHECK(how == "the queue was shut down");
  CHECK(queue.empty());
}

ASYNC_VIRTUAL_TEST("queue: join waits for every task_done", "[QUE-08]") {
  Ints queue;
  Trace trace;
  auto joins = [&](std::string name) -> Task<> {
    co_await queue.join();
    trace.push_back(name);
  };
  co_await joins("at once");
  queue.put_nowait(1);
  queue.put_nowait(2);
  auto a = create_task(joins("a"));
  auto b = create_task(joins("b"));
  static_cast<void>(rest(queue));
  queue.task_done();
  co_await turns(2);
  CHECK(trace == Trace{"at once"});
  queue.task_done();
  co_await turns(1);
  CHECK(trace == Trace{"at once", "a", "b"});
  std::string how;
  try {
    queue.task_done();
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "invalid_argument(task_done() called too many times)");
}

ASYNC_VIRTUAL_TEST("queue: who was told that all is done goes on though more was put", "[QUE-08]") {
  Ints queue;
  queue.put_nowait(1);
  auto joined = create_task(queue.join());
  co_await turns(1);
  static_cast<void>(queue.get_nowait());
  queue.task_done();
  queue.put_nowait(2);
  co_await turns(1);
  CHECK(joined.done());
}

TEST_CASE("queue: can be made without a loop, and belongs to the first that waits",
          "[SYN-01][SYN-02]") {
  Ints queue;
  queue.put_nowait(1);
  auto first = new_event_loop();
  auto second = new_event_loop();
  auto get_two = [&queue]() -> Task<> {
    co_await queue.get();
    auto other = create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(2);
    co_await other;
  };
  first->run_until_complete(get_two());
  std::string how;
  try {
    second->run_until_complete(queue.get());
  } catch (...) {
    how = describe(std::current_exception());
  }
  CHECK(how == "RuntimeError(Queue is bound to a different event loop)");
}

TEST_CASE("queue: a loop that closes destroys waiters and queue in any order", "[sync]") {
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task([]() -> Task<> {
    Ints queue(1), full(1);
    full.put_nowait(0);
    auto woken = create_task(queue.get());
    auto waiter = create_task(queue.get());
    auto putter = create_task(full.put(1));
    co_await turns(1);
    queue.put_nowait(1);
    co_await endless();
  });
  loop->run_once();
  loop->run_once();
  loop->close();
  CHECK(loop->is_closed());
}

TEST_CASE("queue: one that ended between two runs is not touched", "[sync]") {
  auto loop = testing::new_event_loop();
  std::optional<Ints> queue(std::in_place);
  auto woken = loop->create_task(queue->get());
  auto waiter = loop->create_task(queue->get());
  loop->run_once();
  queue->put_nowait(1);
  queue.reset();
  loop->run_once();
  CHECK_THROWS_AS(woken.result(), RuntimeError);
  waiter.cancel();
  loop->run_once();
  CHECK(waiter.cancelled());
}

}  // namespace

}  // namespace queue_base_test

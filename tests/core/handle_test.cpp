#include <asyncio/core/handle.hpp>
//
#include <asyncio/core/run.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <atomic>
#include <memory>
#include <thread>

#include <support/async_test.hpp>

namespace handle_test {

using namespace asyncio;
using namespace std::chrono_literals;

ASYNC_TEST("handle: a cancelled callback does not run and forgets its captures at once",
           "[CBK-06][CBK-09]") {
  auto captured = std::make_shared<int>(1);
  Handle handle = get_running_loop().call_soon([captured] { FAIL("a cancelled callback ran"); });
  CHECK(captured.use_count() == 2);
  CHECK_FALSE(handle.cancelled());
  handle.cancel();
  CHECK(handle.cancelled());
  CHECK(captured.use_count() == 1);
  handle.cancel();
  co_await sleep(0s);
  CHECK(handle.cancelled());
}

ASYNC_TEST("handle: after the callback has run a cancel does nothing", "[CBK-06]") {
  auto captured = std::make_shared<int>(1);
  int calls = 0;
  Handle handle = get_running_loop().call_soon([&calls, captured] { ++calls; });
  co_await sleep(0s);
  CHECK(calls == 1);
  CHECK(captured.use_count() == 1);
  handle.cancel();
  CHECK_FALSE(handle.cancelled());
}

ASYNC_TEST("handle: a callback that cancels itself runs to its end", "[CBK-03][CBK-06]") {
  Handle handle;
  int calls = 0;
  handle = get_running_loop().call_soon_threadsafe([&] {
    handle.cancel();
    ++calls;
  });
  co_await sleep(1ms);
  CHECK(calls == 1);
  CHECK_FALSE(handle.cancelled());
}

ASYNC_TEST("handle: has the context of the callback", "[CBK-06]") {
  static ContextVar<int> number{"number", 0};
  Context context;
  context.run([] { number.set(8); });
  Handle handle = get_running_loop().call_soon(context, [] {});
  CHECK(handle.get_context() == context);
  co_await sleep(0s);
}

ASYNC_TEST("timer handle: when() is the deadline, and handles are ordered by it", "[CBK-07]") {
  EventLoop& loop = get_running_loop();
  const auto now = loop.time();
  TimerHandle early = loop.call_at(now + 1h, [] {});
  TimerHandle late = loop.call_at(now + 2h, [] {});
  CHECK(early.when() == now + 1h);
  CHECK(early < late);
  CHECK(late > early);
  CHECK(early == early);
  CHECK_FALSE(early == late);
  early.cancel();
  late.cancel();
  co_return;
}

ASYNC_TEST("timer handle: when() of a long delay is known as soon as it is asked for", "[CBK-07]") {
  EventLoop& loop = get_running_loop();
  const auto before = loop.time();
  TimerHandle asked = loop.call_later(1h, [] {});
  CHECK(asked.when() >= before + 1h);
  CHECK(asked.when() <= loop.time() + 1h);
  TimerHandle cancelled = loop.call_later(1h, [] {});
  cancelled.cancel();
  TimerHandle later = loop.call_later(1h, [] {});
  co_await sleep(0s);
  CHECK(cancelled.when() >= before + 1h);
  CHECK(later.when() >= asked.when());
  CHECK(later.when() <= loop.time() + 1h);
  CHECK(later.when() == later.when());
  CHECK(loop.first_deadline() == asked.when());
  asked.cancel();
  later.cancel();
}

TEST_CASE("timer handle: when() of a cancelled one is known after its loop", "[CBK-07]") {
  TimerHandle handle;
  const auto before = std::chrono::steady_clock::now();
  run([](TimerHandle& kept) -> Task<> {
    kept = get_running_loop().call_later(1h, [] {});
    kept.cancel();
    co_return;
  }(handle));
  CHECK(handle.when() >= before + 1h);
  CHECK(handle.when() <= std::chrono::steady_clock::now() + 1h);
}

ASYNC_TEST("timer handle: a cancelled timer leaves the heap at once", "[CBK-08]") {
  EventLoop& loop = get_running_loop();
  auto captured = std::make_shared<int>(1);
  for (int i = 0; i < 10'000; ++i) loop.call_later(1h, [captured] {}).cancel();
  CHECK(captured.use_count() == 1);
  CHECK_FALSE(loop.first_deadline());
  co_return;
}

ASYNC_TEST("timer handle: one that is due but has not run yet can be cancelled", "[CBK-09]") {
  EventLoop& loop = get_running_loop();
  TimerHandle second;
  int calls = 0;
  const auto when = loop.time();
  loop.call_at(when, [&] {
    ++calls;
    second.cancel();
  });
  second = loop.call_at(when, [&] { calls += 100; });
  co_await sleep(1ms);
  CHECK(calls == 1);
}

ASYNC_TEST("handle: cancel() from another thread waits for a callback that is running",
           "[CBK-03]") {
  std::atomic<int> phase = 0;
  std::atomic<bool> is_cancelling = false;
  Handle handle = get_running_loop().call_soon_threadsafe([&] {
    phase = 1;
    while (!is_cancelling) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)  // long enough for a cancel() that does not wait to come back
      std::this_thread::yield();
    phase = 2;
  });
  int phase_after_cancel = 0;
  std::thread thread([&] {
    while (phase == 0) std::this_thread::yield();
    is_cancelling = true;
    handle.cancel();
    phase_after_cancel = phase;
  });
  co_await sleep(1ms);
  thread.join();
  CHECK(phase_after_cancel == 2);
  CHECK_FALSE(handle.cancelled());
}

ASYNC_TEST("handle: cancel() from another thread before the start prevents it", "[CBK-03]") {
  bool ran = false;
  Handle handle = get_running_loop().call_soon_threadsafe([&] { ran = true; });
  std::thread([&] { handle.cancel(); }).join();
  CHECK(handle.cancelled());
  co_await sleep(1ms);
  CHECK_FALSE(ran);
}

TEST_CASE("handle: one that outlives its loop can be dropped and cancelled", "[CBK-06]") {
  Handle handle, shared;
  TimerHandle timer;
  auto captured = std::make_shared<int>(1);
  {
    EventLoop loop;
    handle = loop.call_soon([captured] {});
    shared = loop.call_soon_threadsafe([captured] {});
    timer = loop.call_later(1h, [captured] {});
  }
  CHECK(captured.use_count() == 1);
  handle.cancel();
  timer.cancel();
  CHECK(handle);
}

TEST_CASE("handle: a threadsafe one whose callback is done can be cancelled after its loop",
          "[CBK-03]") {
  Handle handle;
  {
    EventLoop loop;
    handle = loop.call_soon_threadsafe([] {});
    loop.run_once();
  }
  handle.cancel();
  CHECK_FALSE(handle.cancelled());
}

}  // namespace handle_test

#include <asyncio/core/callback_scheduler.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <atomic>
#include <thread>

namespace callback_scheduler_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Tag;
using Item = MoveOnly<Tag>;

// --- call_soon -----------------------------------------------------------------------------------

TEST_CASE("call_soon: first in, first out, each once, in the next turn", "[CBK-01]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  for (const char* who : {"a", "b", "c"}) loop->call_soon([&trace, who] { trace.push_back(who); });
  CHECK(trace.empty());
  loop->run_once();
  CHECK(trace == Trace{"a", "b", "c"});
  loop->run_once();
  CHECK(trace.size() == 3);
}

TEST_CASE("call_soon: what a callback schedules runs in the turn after", "[CBK-01]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] {
    trace.push_back("outer");
    loop->call_soon([&] { trace.push_back("inner"); });
  });
  loop->run_once();
  CHECK(trace == Trace{"outer"});
  loop->run_once();
  CHECK(trace == Trace{"outer", "inner"});
}

TEST_CASE("call_soon: hands over arguments, also move-only ones", "[CBK-01]") {
  auto loop = testing::new_event_loop();
  std::string seen;
  loop->call_soon([&seen](std::unique_ptr<int> number,
                          const std::string& text) { seen = text + std::to_string(*number); },
                  std::make_unique<int>(5), "number ");
  loop->run_once();
  CHECK(seen == "number 5");
}

TEST_CASE("call_soon: takes what can be called, and nothing else", "[CBK-10]") {
  using Loop = EventLoop&;
  CHECK(requires(Loop loop, void (*function)()) { loop.call_soon(function); });
  CHECK_FALSE([]<class L>(L&) {
    return requires(L& loop) { loop.call_soon(1); };
  }(*testing::new_event_loop()));
}

TEST_CASE("call_soon: the callable is destroyed right after the call", "[CBK-06]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  Handle handle = loop->call_soon([item = Item(1)] {});
  CHECK(Item::count().alive() == 1);
  loop->run_once();
  CHECK(Item::count().alive() == 0);
}

// --- timers --------------------------------------------------------------------------------------

TEST_CASE("call_later: never before its time", "[CBK-04]") {
  auto loop = testing::new_event_loop();
  const auto start = loop->time();
  std::optional<EventLoop::time_point> called;
  loop->call_later(1h, [&] {
    called = loop->time();
    loop->stop();
  });
  loop->run_once();
  CHECK_FALSE(called.has_value());
  loop->run_forever();
  CHECK(called.value_or(start) - start >= 1h);
}

TEST_CASE("call_later: by deadline, ties in the order of the calls", "[CBK-04]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  const auto note = [&trace](const char* who) { trace.push_back(who); };
  const auto now = loop->time();
  loop->call_at(now + 2s, note, "2a");
  loop->call_at(now + 1s, note, "1a");
  loop->call_at(now + 2s, note, "2b");
  loop->call_at(now + 1s, note, "1b");
  loop->call_at(now + 3s, [&] { loop->stop(); });
  loop->run_forever();
  CHECK(trace == Trace{"1a", "1b", "2a", "2b"});
}

TEST_CASE("call_later: delays and deadlines of one turn run in the order of the calls",
          "[CBK-04]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] {
    const auto deadline = loop->time() + 2s;
    loop->call_later(2s, [&] { trace.push_back("later"); });
    loop->call_at(deadline, [&] { trace.push_back("at"); });
    loop->call_later(2s, [&] { trace.push_back("later again"); });
    loop->call_later(2s - 1ns, [&] { trace.push_back("earlier"); });
    loop->call_at(deadline, [&] { loop->stop(); });
  });
  loop->run_forever();
  CHECK(trace == Trace{"earlier", "later", "at", "later again"});
}

TEST_CASE("call_later: zero and negative delays run in the next turn, after what is ready",
          "[CBK-04]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_later(0s, [&] { trace.push_back("zero"); });
  loop->call_later(-1h, [&] { trace.push_back("negative"); });
  loop->call_soon([&] { trace.push_back("ready"); });
  loop->run_once();
  CHECK(trace == Trace{"ready", "negative", "zero"});
}

TEST_CASE("call_at: a deadline that passed long ago runs in the next turn", "[CBK-04]") {
  auto loop = testing::new_event_loop();
  bool called = false;
  loop->call_at(EventLoop::time_point::min(), [&called] { called = true; });
  loop->run_once();
  CHECK(called);
}

TEST_CASE("call_later: deadlines have no upper bound", "[CBK-05]") {
  auto loop = testing::new_event_loop();
  const auto start = loop->time();
  bool called = false;
  loop->call_later(24h * 365, [&] {
    called = true;
    loop->stop();
  });
  TimerHandle never = loop->call_later(EventLoop::duration::max(), [] { std::abort(); });
  CHECK(never.when() == EventLoop::time_point::max());
  loop->run_forever();
  CHECK(called);
  CHECK(loop->time() - start >= 24h * 365);
}

TEST_CASE("call_later: a hundred thousand cancelled timers leave nothing behind", "[CBK-08]") {
  Item::count().reset();
  auto loop = testing::new_event_loop();
  loop->run_once();
  for (int i = 0; i < 100'000; ++i) {
    loop->call_later(std::chrono::seconds(100 + i % 7), [item = Item(i)] {}).cancel();
  }
  CHECK(Item::count().alive() == 0);
  CHECK_FALSE(loop->next_deadline().has_value());
}

// --- from other threads --------------------------------------------------------------------------

TEST_CASE("call_soon_threadsafe: on the loop's own thread it is in order with call_soon",
          "[CBK-02]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] {
    loop->call_soon([&] { trace.push_back("a"); });
    loop->call_soon_threadsafe([&] { trace.push_back("b"); });
    loop->call_soon([&] { trace.push_back("c"); });
  });
  loop->run_once();
  CHECK(trace.empty());
  loop->run_once();
  CHECK(trace == Trace{"a", "b", "c"});
}

TEST_CASE("call_soon_threadsafe: what another thread posted before comes before", "[CBK-02]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  loop->call_soon([&] {
    std::thread([&] { loop->call_soon_threadsafe([&] { trace.push_back("other"); }); }).join();
    loop->call_soon_threadsafe([&] { trace.push_back("own"); });
  });
  loop->run_once();
  loop->run_once();
  CHECK(trace == Trace{"other", "own"});
}

TEST_CASE("call_soon_threadsafe: before the loop runs it is in order with call_soon", "[CBK-02]") {
  EventLoop loop;
  std::string order;
  auto log = [&order](char c) { order += c; };
  loop.call_soon_threadsafe(log, 'a');
  loop.call_soon(log, 'b');
  std::thread([&] { loop.call_soon_threadsafe(log, 'c'); }).join();
  loop.call_soon(log, 'd');
  loop.call_soon_threadsafe(log, 'e');
  loop.call_soon_threadsafe([&loop] { loop.stop(); });
  loop.run_forever();
  CHECK(order == "abcde");
  loop.call_soon_threadsafe(log, 'f');  // between two runs
  loop.call_soon([&] {
    log('g');
    loop.stop();
  });
  loop.run_forever();
  CHECK(order == "abcdefg");
}

TEST_CASE("call_soon_threadsafe: before the loop runs it comes before a timer that is due",
          "[CBK-02]") {
  EventLoop loop;
  std::string order;
  loop.call_soon_threadsafe([&] { order += 'a'; });
  loop.call_at(loop.time(), [&] {
    order += 'b';
    loop.stop();
  });
  loop.run_forever();
  CHECK(order == "ab");
}

/// Counts the wake-ups.
class CountingBackend final : public detail::Backend {
 public:
  explicit CountingBackend(std::atomic<int>& wakes)
      : inner_(detail::make_backend(asyncio::Backend::epoll).backend), wakes_(wakes) {}
  std::string_view name() const noexcept override { return inner_->name(); }
  TimePoint now() noexcept override { return inner_->now(); }
  bool attempt(detail::Operation& operation) noexcept override {
    return inner_->attempt(operation);
  }
  void submit(detail::Operation& operation) noexcept override { inner_->submit(operation); }
  void cancel(detail::Operation& operation) noexcept override { inner_->cancel(operation); }
  void cancel_sync(detail::Operation& operation) noexcept override {
    inner_->cancel_sync(operation);
  }
  void close(int fd) noexcept override { inner_->close(fd); }
  bool wants_poll() const noexcept override { return inner_->wants_poll(); }
  std::size_t in_flight() const noexcept override { return inner_->in_flight(); }
  void poll(Duration timeout) noexcept override { inner_->poll(timeout); }
  void wake() noexcept override {
    ++wakes_;
    inner_->wake();
  }
  int fd() const noexcept override { return inner_->fd(); }

 private:
  std::unique_ptr<detail::Backend> inner_;
  std::atomic<int>& wakes_;
};

TEST_CASE("call_soon_threadsafe: a burst wakes the loop once", "[CBK-02]") {
  std::atomic<int> wakes = 0;
  EventLoop loop(detail::MadeBackend{std::make_unique<CountingBackend>(wakes), "counting"});
  int calls = 0;
  for (int round = 1; round <= 2; ++round) {
    std::thread([&] {
      for (int i = 0; i < 1000; ++i) loop.call_soon_threadsafe([&calls] { ++calls; });
    }).join();
    CHECK(wakes == round);
    loop.run_once();
    CHECK(calls == 1000 * round);
  }
}

TEST_CASE("call_soon_threadsafe: wakes a loop that waits", "[CBK-02]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  auto loop = new_event_loop(backend);
  std::thread::id ran_on;
  std::thread thread([&] {
    loop->call_soon_threadsafe([&] {
      ran_on = std::this_thread::get_id();
      loop->stop();
    });
  });
  loop->run_forever();
  thread.join();
  CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("call_soon_threadsafe: four threads post, nothing is lost, each in its order",
          "[CBK-02]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  constexpr int threads = 4;
  constexpr int posts = 25'000;
  auto loop = new_event_loop(backend);
  int received = 0;
  int out_of_order = 0;
  std::vector<int> next(threads, 0);
  std::vector<std::thread> senders;
  for (int who = 0; who < threads; ++who) {
    senders.emplace_back([&, who] {
      for (int i = 0; i < posts; ++i) {
        loop->call_soon_threadsafe([&, who, i] {
          if (next[static_cast<std::size_t>(who)]++ != i) ++out_of_order;
          if (++received == threads * posts) loop->stop();
        });
      }
    });
  }
  loop->run_forever();
  for (std::thread& sender : senders) sender.join();
  CHECK(received == threads * posts);
  CHECK(out_of_order == 0);
}

TEST_CASE("call_soon_threadsafe: two loops in two threads play ping-pong", "[CBK-02]") {
  constexpr int rounds = 1'000;
  auto here = new_event_loop(Backend::epoll);
  auto there = new_event_loop(Backend::epoll);
  int hits = 0;
  std::function<void()> ping;
  std::function<void()> pong = [&] { here->call_soon_threadsafe([&ping] { ping(); }); };
  ping = [&] {
    if (++hits == rounds) {
      there->call_soon_threadsafe([&] { there->stop(); });
      here->stop();
      return;
    }
    there->call_soon_threadsafe([&pong] { pong(); });
  };
  here->call_soon([&ping] { ping(); });
  std::thread thread([&] { there->run_forever(); });
  here->run_forever();
  thread.join();
  CHECK(hits == rounds);
}

TEST_CASE("call_soon_threadsafe: throws once the loop is closed", "[CBK-02][LOP-10]") {
  auto loop = new_event_loop(Backend::epoll);
  loop->close();
  std::string what;
  std::thread([&] {
    try {
      loop->call_soon_threadsafe([] {});
    } catch (const RuntimeError& error) {
      what = error.what();
    }
  }).join();
  CHECK(what == "Event loop is closed");
}

TEST_CASE("call_soon_threadsafe: posts that meet a closing loop are taken or refused",
          "[CBK-02][LOP-10]") {
  static std::atomic<int> alive{0};
  struct Alive {
    Alive() { ++alive; }
    Alive(const Alive&) { ++alive; }
    Alive& operator=(const Alive&) = default;
    ~Alive() { --alive; }
  };
  auto loop = new_event_loop(Backend::epoll);
  std::atomic<bool> posted{false};
  std::atomic<int> refused{0};
  std::thread sender([&] {
    while (refused == 0) {
      try {
        loop->call_soon_threadsafe([guard = Alive()] {});
        posted = true;
      } catch (const RuntimeError&) {
        ++refused;
      }
    }
  });
  while (!posted) std::this_thread::yield();
  loop->run_once();
  loop->close();
  sender.join();
  CHECK(refused == 1);
  loop.reset();
  CHECK(alive == 0);
}

// --- contexts ------------------------------------------------------------------------------------

const ContextVar<int> var("callback_scheduler", 0);

TEST_CASE("contexts: callbacks run in a copy of the context that scheduled them",
          "[CBK-01][CTX-05]") {
  auto loop = testing::new_event_loop();
  std::vector<int> seen;
  const auto note = [&seen] {
    seen.push_back(var.get());
    var.set(-1);
  };
  Context context;
  context.run([&] {
    var.set(1);
    loop->call_soon(note);
    var.set(2);
    loop->call_soon_threadsafe(note);
    var.set(3);
    loop->call_later(0s, note);
    var.set(4);
    loop->call_at(loop->time(), note);
    var.set(5);
  });
  loop->run_once();
  CHECK(seen == std::vector{1, 2, 3, 4});
  CHECK(context.run([] { return var.get(); }) == 5);
  CHECK(var.get() == 0);
}

TEST_CASE("contexts: a context that is given is used itself", "[CBK-01][CTX-03][CTX-05]") {
  auto loop = testing::new_event_loop();
  const Context context = Context().share();
  loop->call_soon(context, [] { var.set(var.get() + 1); });
  loop->call_later(context, 0s, [] { var.set(var.get() + 1); });
  loop->call_at(context, loop->time(), [] { var.set(var.get() + 1); });
  loop->run_once();
  Context same = context;
  CHECK(same.run([] { return var.get(); }) == 3);
  CHECK(var.get() == 0);
}

}  // namespace

}  // namespace callback_scheduler_test

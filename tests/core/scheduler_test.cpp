#include <asyncio/core/scheduler.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace scheduler_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// A node that notes its turn.
struct Node : detail::ReadyNode {
  Node(Trace& t, const char* n) : ReadyNode(&run_node), trace(t), name(n) {}
  static void run_node(ReadyNode& self, detail::Turn turn) noexcept {
    auto& node = static_cast<Node&>(self);
    node.trace.push_back(std::string(node.name) + (turn == detail::Turn::run ? "" : " discarded"));
  }
  Trace& trace;
  const char* name;
};

struct NotedTimer : detail::Timer {
  NotedTimer(Trace& t, const char* n) : Timer(&run_timer), trace(t), name(n) {}
  static void run_timer(ReadyNode& self, detail::Turn turn) noexcept {
    auto& timer = static_cast<NotedTimer&>(self);
    timer.trace.push_back(std::string(timer.name) +
                          (turn == detail::Turn::run ? "" : " discarded"));
  }
  Trace& trace;
  const char* name;
};

TEST_CASE("scheduler: a turn runs what is ready, then due timers, each once", "[CBK-01]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Node a(trace, "a");
  Node b(trace, "b");
  NotedTimer timer(trace, "timer");
  loop->reserve_timer();
  loop->start_timer(timer, loop->time());
  loop->push(a);
  loop->push(b);
  loop->run_once();
  CHECK(trace == Trace{"a", "b", "timer"});
  loop->run_once();
  CHECK(trace.size() == 3);
}

TEST_CASE("scheduler: a node that is destroyed before its turn leaves the queue") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Node stays(trace, "stays");
  {
    Node goes(trace, "goes");
    loop->push(goes);
    loop->push(stays);
  }
  loop->run_once();
  CHECK(trace == Trace{"stays"});
}

TEST_CASE("scheduler: posts from threads come in their order, after what was ready", "[CBK-02]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Node posted_first(trace, "posted first");
  Node posted_second(trace, "posted second");
  Node ready(trace, "ready");
  loop->push(ready);
  loop->push_threadsafe(posted_first);
  loop->push_threadsafe(posted_second);
  loop->run_once();
  CHECK(trace == Trace{"ready", "posted first", "posted second"});
}

TEST_CASE("scheduler: a stopped timer does not run") {
  auto loop = testing::new_event_loop();
  Trace trace;
  NotedTimer timer(trace, "timer");
  loop->reserve_timer();
  loop->start_timer(timer, loop->time());
  CHECK(loop->first_deadline() == timer.deadline);
  loop->stop_timer(timer);
  CHECK_FALSE(loop->first_deadline().has_value());
  loop->run_once();
  CHECK(trace.empty());
}

TEST_CASE("scheduler: closing discards what is queued, posted and timed", "[LOP-10]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Node ready(trace, "ready");
  Node posted(trace, "posted");
  NotedTimer timer(trace, "timer");
  loop->push(ready);
  loop->push_threadsafe(posted);
  loop->reserve_timer();
  loop->start_timer(timer, loop->time() + 1h);
  loop->close();
  CHECK(trace == Trace{"timer discarded", "ready discarded", "posted discarded"});
}

TEST_CASE("scheduler: an interruption leaves the rest of the turn for the next run", "[LOP-12]") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Node rest(trace, "rest");
  Node later(trace, "later");
  loop->call_soon([&] {
    loop->interrupt(std::make_exception_ptr(KeyboardInterrupt()));
    loop->push(later);
  });
  loop->push(rest);
  CHECK_THROWS_AS(loop->run_forever(), KeyboardInterrupt);
  CHECK(trace.empty());
  loop->run_once();
  CHECK(trace == Trace{"rest", "later"});
}

TEST_CASE("scheduler: the first interruption is the one that comes out", "[LOP-12]") {
  auto loop = testing::new_event_loop();
  loop->interrupt(std::make_exception_ptr(SystemExit(1)));
  loop->interrupt(std::make_exception_ptr(KeyboardInterrupt()));
  CHECK_THROWS_AS(loop->run_once(), SystemExit);
  CHECK_NOTHROW(loop->run_once());
}

/// Counts polls; its clock goes on by `step` with each look.
class SlowBackend final : public detail::Backend {
 public:
  SlowBackend(int& polls, Duration step)
      : inner_(detail::make_backend(asyncio::Backend::epoll).backend), polls_(polls), step_(step) {}
  std::string_view name() const noexcept override { return inner_->name(); }
  TimePoint now() noexcept override { return inner_->now(); }
  TimePoint coarse_now() noexcept override { return looked_ += step_; }
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
  void poll(Duration timeout) noexcept override {
    ++polls_;
    inner_->poll(timeout);
  }
  void wake() noexcept override { inner_->wake(); }
  int fd() const noexcept override { return inner_->fd(); }

 private:
  std::unique_ptr<detail::Backend> inner_;
  int& polls_;
  Duration step_;
  TimePoint looked_{};
};

int polls_in_turns(int turns, std::chrono::nanoseconds step) {
  int polls = 0;
  EventLoop loop(detail::MadeBackend{std::make_unique<SlowBackend>(polls, step), "slow"});
  std::function<void()> again = [&] {
    if (--turns == 0) return loop.stop();
    loop.call_soon([&again] { again(); });
  };
  loop.call_soon([&again] { again(); });
  loop.run_forever();
  return polls;
}

TEST_CASE("scheduler: a busy loop asks the kernel seldom, and in every turn where steps are slow",
          "[LOP-05]") {
  CHECK(polls_in_turns(640, 1us) <= 640 / 64 + 2);
  CHECK(polls_in_turns(640, 1ms) >= 640 - 17);
}

/// Counts what is asked of it; its time is what the test says.
class AskedBackend final : public detail::Backend {
 public:
  struct Notes {
    TimePoint now{};
    int clock_reads = 0;
    Duration last_wait{};
  };
  explicit AskedBackend(Notes& notes) : notes_(notes) {}
  std::string_view name() const noexcept override { return "asked"; }
  TimePoint now() noexcept override {
    ++notes_.clock_reads;
    return notes_.now;
  }
  TimePoint coarse_now() noexcept override { return notes_.now; }
  Duration longest_slack() const noexcept override { return 1ms; }
  bool attempt(detail::Operation&) noexcept override { return false; }
  void submit(detail::Operation&) noexcept override {}
  void cancel(detail::Operation&) noexcept override {}
  void cancel_sync(detail::Operation&) noexcept override {}
  void close(int) noexcept override {}
  bool wants_poll() const noexcept override { return false; }
  std::size_t in_flight() const noexcept override { return 0; }
  void poll(Duration timeout) noexcept override { notes_.now += notes_.last_wait = timeout; }
  void wake() noexcept override {}
  int fd() const noexcept override { return -1; }

 private:
  Notes& notes_;
};

TEST_CASE("scheduler: a long delay that is cancelled in its turn costs neither clock nor heap",
          "[CBK-08]") {
  AskedBackend::Notes notes;
  EventLoop loop(detail::MadeBackend{std::make_unique<AskedBackend>(notes), "asked"});
  int reads = 0;
  loop.call_soon([&] {
    reads = -notes.clock_reads;
    for (int i = 0; i < 1000; ++i) loop.call_later(30s, [] {}).cancel();
    reads += notes.clock_reads;
  });
  loop.run_once();
  CHECK(reads == 0);
}

TEST_CASE("scheduler: long delays are counted from the end of the turn, by one look at the clock",
          "[CBK-04]") {
  AskedBackend::Notes notes;
  EventLoop loop(detail::MadeBackend{std::make_unique<AskedBackend>(notes), "asked"});
  TimerHandle first, second;
  int reads = 0;
  loop.call_soon([&] {
    reads = -notes.clock_reads;
    first = loop.call_later(30s, [] {});
    second = loop.call_later(20s, [] {});
    notes.now += 5ms;  // the rest of the turn takes a while
  });
  loop.run_once();
  reads += notes.clock_reads;
  CHECK(reads == 1);
  CHECK(first.when() == notes.now + 30s);
  CHECK(second.when() == notes.now + 20s);
}

TEST_CASE("scheduler: many timers may be up to a millisecond late, a few hardly", "[CBK-04]") {
  const auto [timers, slack] = GENERATE(std::pair(1, 1us), std::pair(100, 100us),
                                        std::pair(5000, std::chrono::microseconds(1ms)));
  AskedBackend::Notes notes;
  EventLoop loop(detail::MadeBackend{std::make_unique<AskedBackend>(notes), "asked"});
  int calls = 0;
  for (int i = 0; i < timers; ++i) loop.call_later(10ms, [&] { ++calls; });
  loop.run_once(1h);
  CHECK(notes.last_wait == 10ms + slack);
  CHECK(calls == timers);
}

TEST_CASE("scheduler: request_attention makes the loop call its handler", "[RUN-11]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  auto loop = new_event_loop(backend);
  int calls = 0;
  loop->set_attention_handler([&] {
    ++calls;
    loop->stop();
  });
  loop->request_attention();
  loop->run_forever();
  CHECK(calls == 1);
  loop->set_attention_handler(nullptr);
}

TEST_CASE("scheduler: knows which loops of the thread are alive") {
  auto first = testing::new_event_loop();
  auto second = testing::new_event_loop();
  auto third = testing::new_event_loop();
  const detail::Scheduler* const gone = second.get();
  CHECK(detail::Scheduler::is_alive(gone));
  second.reset();
  CHECK_FALSE(detail::Scheduler::is_alive(gone));
  CHECK(detail::Scheduler::is_alive(first.get()));
  CHECK(detail::Scheduler::is_alive(third.get()));
}

}  // namespace

}  // namespace scheduler_test

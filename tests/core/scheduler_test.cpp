#include <asyncio/core/scheduler.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

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

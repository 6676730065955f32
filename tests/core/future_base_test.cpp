#include <asyncio/core/future_base.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace future_base_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

struct Listener : detail::Subscriber {
  explicit Listener(Trace& t, std::string n) : Subscriber(&notice), trace(t), name(std::move(n)) {}
  static void notice(Subscriber& self, detail::FutureBase* future) noexcept {
    auto& listener = static_cast<Listener&>(self);
    listener.trace.push_back(listener.name + (future ? " done" : " gone"));
  }
  Trace& trace;
  std::string name;
};

TEST_CASE("future base: subscribers are told once, in order, inside the call") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  Trace trace;
  Listener a(trace, "a");
  Listener b(trace, "b");
  future.shared_state()->subscribe(a);
  future.shared_state()->subscribe(b);
  future.set_result(1);
  CHECK(trace == Trace{"a done", "b done"});
  CHECK_FALSE(a.is_linked());
}

TEST_CASE("future base: a future that ends while it is pending tells null") {
  auto loop = testing::new_event_loop();
  Trace trace;
  Listener a(trace, "a");
  {
    auto future = loop->create_future<int>();
    future.shared_state()->subscribe(a);
  }
  CHECK(trace == Trace{"a gone"});
}

TEST_CASE("future base: failure() gives errors and cancellations, and counts as retrieval",
          "[FUT-11]") {
  auto loop = testing::new_event_loop();
  int reports = 0;
  loop->set_exception_handler([&reports](EventLoop&, const ExceptionContext&) { ++reports; });
  {
    auto result = loop->create_future<int>();
    auto failed = loop->create_future<int>();
    auto cancelled = loop->create_future<int>();
    result.set_result(1);
    failed.set_exception(std::invalid_argument("x"));
    cancelled.cancel();
    CHECK(result.shared_state()->failure() == nullptr);
    CHECK(describe(failed.shared_state()->failure()) == "invalid_argument(x)");
    CHECK(describe(cancelled.shared_state()->failure()) == "CancelledError");
  }
  CHECK(reports == 0);
}

TEST_CASE("future base: a future that outlives its loop reports to stderr, and nobody crashes",
          "[FUT-11]") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  future.set_exception(std::invalid_argument("after the loop: this line is expected on stderr"));
  loop.reset();
  SUCCEED("its end follows");
}

struct Parent {
  void child_done(detail::FutureBase& future) noexcept {
    trace.push_back(future.succeeded() ? "result" : "failure");
  }
  Trace trace;
};

TEST_CASE("child subscription: tells its owner in a later turn", "[FUT-08]") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  auto done = loop->create_future<int>();
  done.cancel();
  Parent parent;
  detail::ChildSubscription<Parent> pending_child;
  detail::ChildSubscription<Parent> done_child;
  pending_child.watch(parent, future.shared_state());
  done_child.watch(parent, done.shared_state());
  future.set_result(1);
  CHECK(parent.trace.empty());
  loop->run_once();
  CHECK(parent.trace == Trace{"failure", "result"});
}

TEST_CASE("child subscription: stop() and destruction end it, also once it is queued") {
  auto loop = testing::new_event_loop();
  auto first = loop->create_future<int>();
  auto second = loop->create_future<int>();
  Parent parent;
  detail::ChildSubscription<Parent> stopped;
  stopped.watch(parent, first.shared_state());
  {
    detail::ChildSubscription<Parent> destroyed;
    destroyed.watch(parent, second.shared_state());
    first.set_result(1);
    second.set_result(2);
    stopped.stop();
  }
  loop->run_once();
  CHECK(parent.trace.empty());
}

}  // namespace

}  // namespace future_base_test

#include <asyncio/core/suspension.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace suspension_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// Notes what the task asks of it.
class Probe final : public detail::Suspension {
 public:
  explicit Probe(Trace& trace, bool takes_cancel) : trace_(trace), takes_cancel_(takes_cancel) {}

  bool await_ready() const noexcept { return false; }
  void suspend(detail::PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
  }
  void await_resume() {
    if (takes_cancel_) throw CancelledError("probe");
    task_->deliver_cancel();
  }

  bool cancel(const std::exception_ptr&) noexcept override {
    trace_.push_back("cancel");
    if (takes_cancel_) task_->wake();
    return takes_cancel_;
  }
  void detach() noexcept override { trace_.push_back("detach"); }
  void wake() noexcept { task_->wake(); }

 private:
  Trace& trace_;
  bool takes_cancel_;
  detail::TaskBase* task_ = nullptr;
};

ASYNC_VIRTUAL_TEST("suspension: one that takes the cancel ends the wait", "[CAN-02]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    Probe probe(trace, true);
    co_await probe;
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel("asked");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(probe)");
  CHECK(trace == Trace{"cancel"});
}

ASYNC_VIRTUAL_TEST("suspension: where it refuses, the task remembers the request", "[CAN-02]") {
  Trace trace;
  Probe* waiting = nullptr;
  auto work = [&]() -> Task<> {
    Probe probe(trace, false);
    waiting = &probe;
    co_await probe;
  };
  auto task = create_task(work());
  co_await turns(1);
  task.cancel("asked");
  co_await turns(2);
  CHECK_FALSE(task.done());
  waiting->wake();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(asked)");
  CHECK(trace == Trace{"cancel"});
}

ASYNC_VIRTUAL_TEST("suspension: a request made before it reaches it when the step ends",
                   "[CAN-05]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    current_task().cancel();
    Probe probe(trace, true);
    co_await probe;
  };
  auto task = create_task(work());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(probe)");
  CHECK(trace == Trace{"cancel"});
}

TEST_CASE("suspension: is detached before its frame is destroyed", "[TASK-06]") {
  Trace trace;
  auto work = [&trace]() -> Task<> {
    Probe probe(trace, true);
    co_await probe;
  };
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task(work());
  loop->run_once();
  loop->close();
  CHECK(trace == Trace{"detach"});
}

}  // namespace

}  // namespace suspension_test

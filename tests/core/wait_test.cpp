#include <asyncio/core/wait.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// The least of a wait: somebody keeps a pointer to it until it leaves.
class Gate {
 public:
  class Waiter final : public detail::Wait {
   public:
    Waiter(Gate& gate, bool delivers) : gate_(gate), delivers_(delivers) {}
    bool await_ready() const noexcept { return false; }
    void suspend(detail::PromiseBase& frame) noexcept {
      begin(frame);
      gate_.waiter_ = this;
    }
    void await_resume() {
      if (delivers_)
        throw_if_cancelled();
      else
        resume();
    }

   private:
    friend class Gate;
    void leave() noexcept override {
      gate_.waiter_ = nullptr;
      ++gate_.left;
    }
    Gate& gate_;
    bool delivers_;
  };

  Waiter wait(bool delivers = false) { return Waiter(*this, delivers); }
  void open() {
    if (Waiter* const waiter = std::exchange(waiter_, nullptr))
      waiter->wake_up();
  }
  bool has_waiter() const { return waiter_ != nullptr; }

  int left = 0;

 private:
  Waiter* waiter_ = nullptr;
};

Task<> passes(Gate& gate) { co_await gate.wait(); }
Task<> takes_from(Gate& gate, Trace& trace) {
  co_await gate.wait(true);
  trace.push_back("delivered");
  co_await turns(1);
}

ASYNC_VIRTUAL_TEST("wait: woken, it goes on in the next turn") {
  Gate gate;
  auto task = create_task(passes(gate));
  co_await turns(1);
  CHECK(gate.has_waiter());
  gate.open();
  CHECK_FALSE(task.done());
  co_await turns(1);
  CHECK(task.done());
  CHECK_FALSE(task.cancelled());
  CHECK(gate.left == 0);
}

ASYNC_VIRTUAL_TEST("wait: cancelled, it has left before cancel() returns", "[CAN-02]") {
  Gate gate;
  auto task = create_task(passes(gate));
  co_await turns(1);
  task.cancel("stop");
  CHECK_FALSE(gate.has_waiter());
  CHECK(gate.left == 1);
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(stop)");
}

ASYNC_VIRTUAL_TEST("wait: a second cancel does not leave again", "[CAN-11]") {
  Gate gate;
  auto task = create_task(passes(gate));
  co_await turns(1);
  task.cancel("first");
  task.cancel("second");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(first)");
  CHECK(gate.left == 1);
}

ASYNC_VIRTUAL_TEST("wait: a cancel after the wake-up is raised all the same", "[CAN-07]") {
  Gate gate;
  auto task = create_task(passes(gate));
  co_await turns(1);
  gate.open();
  task.cancel("late");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(late)");
  CHECK(gate.left == 0);
}

ASYNC_VIRTUAL_TEST("wait: what was handed over is delivered, the cancel comes next", "[CAN-07]") {
  Gate gate;
  Trace trace;
  auto task = create_task(takes_from(gate, trace));
  co_await turns(1);
  gate.open();
  task.cancel("late");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(late)");
  CHECK(trace == Trace{"delivered"});
}

TEST_CASE("wait: destroyed with its task, it leaves", "[TASK-06]") {
  Gate gate;
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task(passes(gate));
  loop->run_once();
  CHECK(gate.has_waiter());
  loop->close();
  CHECK_FALSE(gate.has_waiter());
  CHECK(gate.left == 1);
}

}  // namespace

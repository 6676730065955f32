#include <asyncio/core/wait.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace wait_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// The least of a wait: somebody keeps a pointer to it until it leaves.
class Gate {
 public:
  class Waiter final : public detail::Wait {
   public:
    explicit Waiter(Gate& gate) : gate_(gate) {}
    bool await_ready() const noexcept { return false; }
    void suspend(detail::PromiseBase& frame) noexcept {
      begin(frame);
      gate_.waiter_ = this;
    }
    void await_resume() {
      if (must_raise() && is_woken()) ++gate_.lost;
      resume();
    }

   private:
    friend class Gate;
    void leave() noexcept override {
      gate_.waiter_ = nullptr;
      ++gate_.left;
    }
    Gate& gate_;
  };

  Waiter wait() { return Waiter(*this); }
  void open() {
    if (Waiter* const waiter = std::exchange(waiter_, nullptr)) waiter->wake_up();
  }
  bool has_waiter() const { return waiter_ != nullptr; }

  int left = 0;  // how often a waiter left
  int lost = 0;  // wake-ups of cancelled tasks

 private:
  Waiter* waiter_ = nullptr;
};

Task<> passes(Gate& gate) { co_await gate.wait(); }
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

ASYNC_VIRTUAL_TEST("wait: what it was woken for can go back before the cancel is raised",
                   "[CAN-07]") {
  Gate gate;
  auto late = create_task(passes(gate));
  co_await turns(1);
  gate.open();
  late.cancel("late");
  const std::string how = co_await ending(late);
  CHECK(how == "CancelledError(late)");
  CHECK(gate.lost == 1);

  auto early = create_task(passes(gate));
  co_await turns(1);
  early.cancel();
  co_await turns(1);
  CHECK(early.cancelled());
  CHECK(gate.lost == 1);
}

/// Waits until its number is reached; asks again in its own turn, without resuming the task.
class Countdown {
 public:
  class Waiter final : public detail::Wait, public detail::ReadyNode {
   public:
    explicit Waiter(Countdown& countdown) : detail::ReadyNode(&ask_again), countdown_(countdown) {}
    bool await_ready() const noexcept { return false; }
    void suspend(detail::PromiseBase& frame) noexcept {
      begin(frame);
      countdown_.waiter_ = this;
    }
    void await_resume() { resume(); }

   private:
    friend class Countdown;
    static void ask_again(ReadyNode& node, detail::Turn turn) noexcept {
      if (turn == detail::Turn::discard) return;
      auto& self = static_cast<Waiter&>(node);
      ++self.countdown_.asked;
      if (self.must_raise() || self.countdown_.left == 0) return self.go_on();
      self.wait_again();
      self.countdown_.waiter_ = &self;
    }
    void leave() noexcept override { countdown_.waiter_ = nullptr; }
    Countdown& countdown_;
  };

  Waiter wait() { return Waiter(*this); }
  void tick() {
    --left;
    if (Waiter* const waiter = std::exchange(waiter_, nullptr)) waiter->wake_through(*waiter);
  }
  bool has_waiter() const { return waiter_ != nullptr; }
  int left = 2;
  int asked = 0;

 private:
  Waiter* waiter_ = nullptr;
};

Task<> waits_for_zero(Countdown& countdown) { co_await countdown.wait(); }

ASYNC_VIRTUAL_TEST("wait: woken to ask again, it goes back to wait, and runs in its turn") {
  Countdown countdown;
  Trace trace;
  auto task = create_task(waits_for_zero(countdown));
  co_await turns(1);
  countdown.tick();
  co_await turns(2);
  CHECK(countdown.asked == 1);
  CHECK(countdown.has_waiter());
  CHECK_FALSE(task.done());
  countdown.tick();
  get_running_loop().call_soon([&] { trace.push_back(task.done() ? "done" : "not done"); });
  co_await turns(1);
  CHECK(trace == Trace{"done"});
  CHECK_FALSE(task.cancelled());
}

ASYNC_VIRTUAL_TEST("wait: cancelled while it is about to ask again", "[CAN-07]") {
  Countdown countdown;
  auto task = create_task(waits_for_zero(countdown));
  co_await turns(1);
  countdown.tick();
  task.cancel("late");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(late)");
  CHECK_FALSE(countdown.has_waiter());
}

ASYNC_VIRTUAL_TEST("wait: cancelled after it went back to wait", "[CAN-02]") {
  Countdown countdown;
  auto task = create_task(waits_for_zero(countdown));
  co_await turns(1);
  countdown.tick();
  co_await turns(1);
  task.cancel("now");
  CHECK_FALSE(countdown.has_waiter());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(now)");
}

TEST_CASE("wait: destroyed with its task while it is about to ask again", "[TASK-06]") {
  Countdown countdown;
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop->create_task(waits_for_zero(countdown));
  loop->run_once();
  countdown.tick();
  loop->close();
  CHECK(countdown.asked == 0);
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

}  // namespace wait_test

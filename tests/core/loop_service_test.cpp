#include <asyncio/core/loop_service.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace loop_service_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

Trace* trace = nullptr;

template <int N>
class Service final : public LoopService {
 public:
  explicit Service(EventLoop& loop) : loop_(loop) { trace->push_back("made " + std::to_string(N)); }
  ~Service() override { trace->push_back("destroyed " + std::to_string(N)); }
  EventLoop& loop() const { return loop_; }

 private:
  EventLoop& loop_;
};

struct Notes {
  ~Notes() { trace->push_back("frame destroyed"); }
};

TEST_CASE("service: one of each type per loop, made at the first call") {
  Trace lives;
  trace = &lives;
  auto loop = testing::new_event_loop();
  auto other = testing::new_event_loop();
  CHECK(lives.empty());
  auto& first = loop->service<Service<1>>();
  CHECK(&first.loop() == loop.get());
  CHECK(&loop->service<Service<1>>() == &first);
  auto& second = loop->service<Service<2>>();
  CHECK(&loop->service<Service<2>>() == &second);
  CHECK(&loop->service<Service<1>>() == &first);
  CHECK(&other->service<Service<1>>() != &first);
  CHECK(lives == Trace{"made 1", "made 2", "made 1"});
}

TEST_CASE("service: is destroyed when the loop closes, after the tasks") {
  Trace lives;
  trace = &lives;
  auto loop = testing::new_event_loop();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  static_cast<void>(loop->service<Service<1>>());
  auto work = []() -> Task<> {
    const Notes notes;
    co_await endless();
  };
  loop->create_task(work());
  loop->run_once();
  loop->close();
  CHECK(lives == Trace{"made 1", "frame destroyed", "destroyed 1"});
}

template <int N, ShutdownPhase phase>
class Ending final : public LoopService {
 public:
  explicit Ending(EventLoop&) : LoopService(phase) {}
  ~Ending() override { trace->push_back("destroyed " + std::to_string(N)); }
  Task<> shutdown() override {
    trace->push_back("shutdown " + std::to_string(N));
    co_await sleep(1h);
    trace->push_back("ended " + std::to_string(N));
  }
};

TEST_CASE(
    "service: run() awaits the shutdowns by phase, after the tasks and before the loop closes",
    "[RUN-08]") {
  Trace lives;
  trace = &lives;
  auto main = []() -> Task<> {
    EventLoop& loop = get_running_loop();
    static_cast<void>(loop.service<Ending<1, ShutdownPhase::threads>>());
    static_cast<void>(loop.service<Ending<2, ShutdownPhase::generators>>());
    static_cast<void>(loop.service<Ending<3, ShutdownPhase::none>>());
    static_cast<void>(loop.service<Ending<4, ShutdownPhase::generators>>());
    create_task([]() -> Task<> {
      const Notes notes;
      co_await endless();
    });
    co_await turns(1);
  };
  testing::run(main);
  CHECK(lives == Trace{"frame destroyed", "shutdown 2", "ended 2", "shutdown 4", "ended 4",
                       "shutdown 1", "ended 1", "destroyed 4", "destroyed 3", "destroyed 2",
                       "destroyed 1"});
}

}  // namespace

}  // namespace loop_service_test

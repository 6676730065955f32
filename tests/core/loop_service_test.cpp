#include <asyncio/core/loop_service.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

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

}  // namespace

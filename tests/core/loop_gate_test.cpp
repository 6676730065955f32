#include <asyncio/core/loop_gate.hpp>
//
#include <asyncio/core/run.hpp>

#include <support/catch.hpp>
#include <tasks/steps.hpp>

#include <thread>

namespace loop_gate_test {

using namespace asyncio;
using namespace asyncio_test;
using namespace asyncio::detail;

namespace {

/// Counts what happens to it.
class Parcel final : public Delivery {
 public:
  explicit Parcel(LoopGate& gate) noexcept : gate_(gate) { ++alive; }
  ~Parcel() override { --alive; }

  static inline std::atomic<int> alive = 0;
  static inline int arrivals = 0;
  static inline int orphans = 0;
  static inline std::thread::id arrived_on{};
  static void reset() { arrivals = orphans = 0; }

 private:
  void arrived() noexcept override {
    ++arrivals;
    arrived_on = std::this_thread::get_id();
    gate_.remove(*this);
  }
  void orphaned() noexcept override { ++orphans; }
  LoopGate& gate_;
};

Ref<Parcel> listed_parcel(EventLoop& loop, Expect expect = Expect::perhaps) {
  auto& gate = loop.service<LoopGate>();
  Ref<Parcel> parcel(new Parcel(gate));
  gate.add(*parcel, expect);
  return parcel;
}

ASYNC_TEST("loop gate: a delivery arrives on the loop's thread") {
  Parcel::reset();
  auto& loop = get_running_loop();
  Ref<Parcel> parcel = listed_parcel(loop, Expect::surely);
  std::thread([port = loop.service<LoopGate>().port(),
               parcel = Ref<Delivery>(parcel.get())]() mutable {
    port->deliver(std::move(parcel));
  }).join();
  CHECK(Parcel::arrivals == 0);
  co_await turns(2);
  CHECK(Parcel::arrivals == 1);
  CHECK(Parcel::arrived_on == std::this_thread::get_id());
  parcel = {};
  CHECK(Parcel::alive == 0);
}

ASYNC_TEST("loop gate: what was removed does not arrive") {
  Parcel::reset();
  auto& loop = get_running_loop();
  Ref<Parcel> parcel = listed_parcel(loop, Expect::surely);
  loop.service<LoopGate>().port()->deliver(Ref<Delivery>(parcel.get()));
  loop.service<LoopGate>().remove(*parcel);
  parcel = {};
  CHECK(Parcel::alive == 1);  // on its way
  co_await turns(2);
  CHECK(Parcel::arrivals == 0);
  CHECK(Parcel::alive == 0);
}

TEST_CASE("loop gate: when the loop closes, what is listed is told, and nothing arrives") {
  Parcel::reset();
  std::shared_ptr<LoopPort> port;
  Ref<Parcel> late;
  {
    EventLoop loop;
    late = listed_parcel(loop, Expect::surely);
    static_cast<void>(listed_parcel(loop));
    port = loop.service<LoopGate>().port();
    loop.close();
    CHECK(Parcel::orphans == 2);
    CHECK(Parcel::alive == 1);
    port->deliver(Ref<Delivery>(late.get()));
  }
  port->deliver(Ref<Delivery>(late.get()));
  CHECK(Parcel::arrivals == 0);
  late = {};
  CHECK(Parcel::alive == 0);
}

TEST_CASE("loop gate: what is on its way when the loop closes ends with it") {
  Parcel::reset();
  {
    EventLoop loop;
    auto parcel = listed_parcel(loop);
    loop.service<LoopGate>().port()->deliver(Ref<Delivery>(parcel.get()));
  }
  CHECK(Parcel::arrivals == 0);
  CHECK(Parcel::orphans == 1);
  CHECK(Parcel::alive == 0);
}

ASYNC_VIRTUAL_TEST("loop gate: a virtual clock waits for what surely comes") {
  Parcel::reset();
  auto& loop = get_running_loop();
  const auto begin = loop.time();
  Ref<Parcel> parcel = listed_parcel(loop, Expect::surely);
  std::jthread thread(
      [port = loop.service<LoopGate>().port(), parcel = Ref<Delivery>(parcel.get())]() mutable {
        std::this_thread::yield();
        port->deliver(std::move(parcel));
      });
  while (Parcel::arrivals == 0) co_await sleep(1h);
  CHECK(loop.time() - begin <= 1h);
}

}  // namespace

}  // namespace loop_gate_test

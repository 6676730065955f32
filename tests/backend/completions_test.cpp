#include <asyncio/backend/completions.hpp>

#include <asyncio/backend/operations.hpp>
#include <support/catch.hpp>
#include <vector>

#include <fcntl.h>

namespace completions_test {

using namespace asyncio::detail;

namespace {

struct Op : Operation {
  Completions* completions = nullptr;
  std::vector<int>* order = nullptr;
  explicit Op(Completions& owner, std::vector<int>& log) : completions(&owner), order(&log) {
    type = &recv_operation;
    on_complete = [](Operation& operation) noexcept {
      static_cast<Op&>(operation).order->push_back(operation.result);
    };
  }
};

}  // namespace

TEST_CASE("completions: delivered once, first in, first out", "[backend][completions]") {
  Completions completions;
  std::vector<int> order;
  Op first(completions, order);
  Op second(completions, order);
  completions.start(first);
  completions.start(second);
  REQUIRE(first.state == OperationState::in_flight);
  completions.add(second, 2);
  completions.add(first, 1);
  REQUIRE(completions.in_flight() == 2);
  completions.deliver();
  REQUIRE(order == std::vector{2, 1});
  REQUIRE(first.state == OperationState::done);
  REQUIRE(completions.in_flight() == 0);
  REQUIRE(completions.empty());
  completions.deliver();
  REQUIRE(order.size() == 2);
}

TEST_CASE("completions: what on_complete causes waits for the next delivery",
          "[backend][completions]") {
  Completions completions;
  std::vector<int> order;
  Op op(completions, order);
  op.on_complete = [](Operation& operation) noexcept {
    auto& self = static_cast<Op&>(operation);
    self.order->push_back(self.result);
    if (self.result == 3) return;
    self.completions->start(self);
    self.completions->add(self, self.result + 1);
  };
  completions.start(op);
  completions.add(op, 1);
  completions.deliver();
  REQUIRE(order == std::vector{1});
  REQUIRE_FALSE(completions.empty());
  completions.deliver();
  completions.deliver();
  REQUIRE(order == std::vector{1, 2, 3});
  REQUIRE(completions.empty());
}

TEST_CASE("completions: discarded ones are forgotten and their descriptors closed",
          "[backend][completions]") {
  Completions completions;
  std::vector<int> order;
  Op op(completions, order);
  op.type = &accept_operation;
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  completions.start(op);
  completions.add(op, descriptor);
  completions.discard(op);
  completions.discard(op);  // harmless
  REQUIRE(::fcntl(descriptor, F_GETFD) == -1);
  REQUIRE(completions.in_flight() == 0);
  completions.deliver();
  REQUIRE(order.empty());
}

TEST_CASE("completions: one may discard another that is about to be delivered",
          "[backend][completions]") {
  Completions completions;
  std::vector<int> order;
  Op victim(completions, order);
  struct Killer : Op {
    using Op::Op;
    Op* victim = nullptr;
  } killer(completions, order);
  killer.victim = &victim;
  killer.on_complete = [](Operation& operation) noexcept {
    auto& self = static_cast<Killer&>(operation);
    self.completions->discard(*self.victim);
  };
  completions.start(killer);
  completions.start(victim);
  completions.add(killer, 0);
  completions.add(victim, 0);
  completions.deliver();
  REQUIRE(order.empty());
  REQUIRE(completions.in_flight() == 0);
}

}  // namespace completions_test

#include <asyncio/testing/fault_plan.hpp>
//
#include <cerrno>

#include <support/catch.hpp>

namespace fault_plan_test {

using asyncio::detail::FramePool;
using asyncio::detail::thread_state;
using asyncio::testing::FaultPlan;

namespace {

void allocate_and_free() { FramePool::deallocate(FramePool::allocate(100), 100); }

}  // namespace

TEST_CASE("fault plan: fails the allocation at its place, once") {
  FaultPlan plan = FaultPlan::allocation(2);
  const FaultPlan::Scope scope(&plan);
  allocate_and_free();
  allocate_and_free();
  CHECK_FALSE(plan.fired());
  CHECK_THROWS_AS(allocate_and_free(), std::bad_alloc);
  CHECK(plan.fired());
  allocate_and_free();
  CHECK(plan.seen() == 4);
  CHECK(plan.place() == 2);
}

TEST_CASE("fault plan: counts what was not freed, and starts again") {
  FaultPlan plan = FaultPlan::allocation(5);
  const FaultPlan::Scope scope(&plan);
  void* const block = FramePool::allocate(100);
  CHECK(plan.leaked() == 1);
  FramePool::deallocate(block, 100);
  CHECK(plan.leaked() == 0);
  plan.restart(0);
  CHECK(plan.seen() == 0);
  CHECK_THROWS_AS(FramePool::allocate(100), std::bad_alloc);
}

TEST_CASE("fault plan: the scope ends the plan, an inner one does not, and none is none") {
  FaultPlan plan = FaultPlan::allocation(0);
  {
    const FaultPlan::Scope outer(&plan);
    {
      const FaultPlan::Scope inner(&plan);
    }
    CHECK(thread_state.allocation_observer != nullptr);
  }
  CHECK(thread_state.allocation_observer == nullptr);
  const FaultPlan::Scope none(nullptr);
  CHECK(thread_state.allocation_observer == nullptr);
}

TEST_CASE("fault plan: other plans let allocations be") {
  FaultPlan operation = FaultPlan::operation("recv", EIO);
  FaultPlan cancellation = FaultPlan::cancellation();
  for (FaultPlan* plan : {&operation, &cancellation}) {
    const FaultPlan::Scope scope(plan);
    allocate_and_free();
    CHECK_FALSE(plan->fired());
  }
}

}  // namespace fault_plan_test

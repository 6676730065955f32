// The loop over all places at which something can go wrong.
// Reference: Seastar's with_allocation_failures.
#pragma once

#include <asyncio/core/exception_group.hpp>
#include <asyncio/testing/fault_plan.hpp>
#include <string>
#include <system_error>
#include <utility>

namespace asyncio::testing {

/// A run under a FaultPlan left something behind, or never stops meeting new places.
class FaultError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

}  // namespace asyncio::testing

namespace asyncio::detail {

/// What came out of the body, if it is one of the things that a fault may cause; anything else,
/// such as the failed assertion of a test or a Deadlock, is thrown on.
template <class Body>
[[nodiscard]] std::exception_ptr failure_of(testing::FaultPlan& plan, Body& body) {
  const testing::FaultPlan::Scope scope(&plan);
  try {
    body(plan);
    return nullptr;
  } catch (const CancelledError&) {
    return std::current_exception();
  } catch (const std::bad_alloc&) {
    return std::current_exception();
  } catch (const std::system_error&) {
    return std::current_exception();
  } catch (const BaseExceptionGroup&) {
    return std::current_exception();
  }
}

}  // namespace asyncio::detail

namespace asyncio::testing {

/// Calls `body(plan)` for the places 0, 1, 2, … until a run passes without meeting the fault. The
/// body runs the program under test, `testing::run(amain(), {.faults = &plan})`; the exceptions
/// that the fault may cause (std::bad_alloc, std::system_error, CancelledError, and groups with
/// them) are expected to come out. Handles and results must not outlive the run.
/// Returns: the number of places. Throws: FaultError when a run left frames, tasks, handles or
/// operations behind; any other exception of the body.
template <class Body>
std::size_t for_each_fault(FaultPlan& plan, Body body) {
  constexpr std::size_t most_places = 100'000;
  for (std::size_t k = 0; k < most_places; ++k) {
    plan.restart(k);
    const std::exception_ptr error = detail::failure_of(plan, body);
    if (plan.leaked() != 0)
      throw FaultError("asyncio::testing: " + std::to_string(plan.leaked()) +
                       " frames, handles or operations were left by the fault at place " +
                       std::to_string(k));
    if (!plan.fired()) {
      if (error) std::rethrow_exception(error);
      return k;
    }
  }
  throw FaultError("asyncio::testing: the run passes more places each time");
}

template <class Body>
std::size_t for_each_fault(FaultPlan&& plan, Body body) {
  return for_each_fault(plan, std::move(body));
}

}  // namespace asyncio::testing

// One thing goes wrong, at a place that a number names: a loop over the number proves a clean-up.
// Reference: Seastar's with_allocation_failures; trio's and tokio's cancellation tests.
#pragma once

#include <asyncio/backend/operation.hpp>
#include <asyncio/detail/frame_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

namespace asyncio::testing {

/// What fails in a run, given to it by Options::faults. Made by one of the three functions; each
/// counts its places from 0. Lifetime: borrowed by the run.
class FaultPlan : private detail::AllocationObserver {
 public:
  /// The k-th allocation of a frame, task, handle or callback throws std::bad_alloc. Nothing is
  /// recycled in such a run.
  [[nodiscard]] static FaultPlan allocation(std::size_t k = 0) noexcept {
    return FaultPlan(Kind::allocation, k, {}, 0);
  }
  /// The k-th operation of a kind ("recv", "send", "accept", …; empty: any) fails by `error`, an
  /// errno, without reaching the kernel.
  [[nodiscard]] static FaultPlan operation(std::string_view kind, int error,
                                           std::size_t k = 0) noexcept {
    return FaultPlan(Kind::operation, k, kind, error);
  }
  /// The main task is cancelled at its k-th suspension: in the turn after it suspended, which may
  /// be one in which it has been woken already.
  [[nodiscard]] static FaultPlan cancellation(std::size_t k = 0) noexcept {
    return FaultPlan(Kind::cancellation, k, {}, 0);
  }

  FaultPlan(const FaultPlan&) = delete;  // the run's thread and backend point at it
  FaultPlan& operator=(const FaultPlan&) = delete;

  /// Starts again, for the place `k`.
  void restart(std::size_t k) noexcept {
    place_ = k;
    seen_ = 0;
    blocks_alive = 0;
    operations_left_ = 0;
  }
  /// The fault has happened. If a run ends without it, the run has no such place.
  [[nodiscard]] bool fired() const noexcept { return seen_ > place_; }
  /// The place at which the fault happens, counted from 0.
  [[nodiscard]] std::size_t place() const noexcept { return place_; }
  /// How many places the run has passed.
  [[nodiscard]] std::size_t seen() const noexcept { return seen_; }
  /// Frames, tasks, handles and callbacks made since restart() that still exist, and operations
  /// that were in flight when a loop was gone.
  [[nodiscard]] std::int64_t leaked() const noexcept { return blocks_alive + operations_left_; }

  /// While it lives, the thread's allocations are counted, and one fails if that is the plan.
  /// Nothing, if such a scope or no plan is there. for_each_fault() and run() make one.
  class Scope {
   public:
    explicit Scope(FaultPlan* plan) noexcept
        : is_installer_(plan && !detail::thread_state.allocation_observer) {
      if (is_installer_) detail::FramePool::observe(plan);
    }
    Scope(const Scope&) = delete;  // installed once
    Scope& operator=(const Scope&) = delete;
    ~Scope() {
      if (is_installer_) detail::FramePool::observe(nullptr);
    }

   private:
    bool is_installer_;
  };

 private:
  friend class FaultBackend;
  enum class Kind : unsigned char { allocation, operation, cancellation };

  FaultPlan(Kind kind, std::size_t place, std::string_view operation, int error) noexcept
      : AllocationObserver{&before, 0},
        kind_(kind),
        error_(error),
        operation_(operation),
        place_(place) {}

  static void before(AllocationObserver& self) {
    auto& plan = static_cast<FaultPlan&>(self);
    if (plan.kind_ == Kind::allocation && plan.is_the_place()) throw std::bad_alloc();
  }
  [[nodiscard]] bool fails(const detail::Operation& operation) noexcept {
    if (kind_ != Kind::operation) return false;
    return (operation_.empty() || operation_ == operation.type->name) && is_the_place();
  }
  [[nodiscard]] bool is_the_place() noexcept { return seen_++ == place_; }

  Kind kind_;
  int error_;
  std::string_view operation_;
  std::size_t place_;
  std::size_t seen_ = 0;
  std::int64_t operations_left_ = 0;
};

}  // namespace asyncio::testing

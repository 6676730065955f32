// Operations between their last kernel call and on_complete: what both kernel backends share.
// Reference: none in Python.
#pragma once

#include <asyncio/backend/operation.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/os/fd.hpp>
#include <cstddef>

namespace asyncio::detail {

/// Counts operations in flight and keeps those that are done until poll() delivers them, so that
/// on_complete never runs inside submit(), cancel() or close(). First in, first out.
class Completions {
 public:
  /// `operation` goes in flight; from now on it counts until it is delivered or discarded.
  void start(Operation& operation) noexcept {
    ASYNCIO_ASSERT(!operation.is_linked(), "an operation was submitted twice");
    operation.state = OperationState::in_flight;
    ++in_flight_;
  }

  /// `operation`, which is in no list, is done.
  void add(Operation& operation, int result) noexcept {
    operation.result = result;
    operation.state = OperationState::done;
    done_[filling_].push_back(operation);
  }

  /// Takes back what add() took: on_complete will not be called, and its effect is undone.
  void discard(Operation& operation) noexcept {
    if (!operation.is_linked()) return;  // it was delivered
    operation.unlink();
    --in_flight_;
    if (operation.type->yields_descriptor && operation.result >= 0) {
      os::close_fd(operation.result);
    }
  }

  /// Calls on_complete of all that was added before this call.
  void deliver() noexcept {
    List<Operation>& ready = done_[filling_];
    if (ready.empty()) return;
    filling_ = 1 - filling_;  // what on_complete causes waits for the next poll()
    while (Operation* operation = ready.pop_front()) {
      --in_flight_;
      operation->on_complete(*operation);
    }
  }

  void discard_all() noexcept {
    for (List<Operation>& list : done_) {
      while (Operation* operation = list.first()) discard(*operation);
    }
  }

  [[nodiscard]] bool empty() const noexcept { return done_[filling_].empty(); }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  List<Operation> done_[2];  ///< one is filled while the other is delivered
  std::size_t filling_ = 0;  ///< index in done_
  std::size_t in_flight_ = 0;
};

}  // namespace asyncio::detail

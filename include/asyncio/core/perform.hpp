// co_await of a kernel operation.
// Reference: asyncio/proactor_events.py for the shape; CONTRACT: cancellation loses nothing.
#pragma once

#include <asyncio/core/operation_wait.hpp>
#include <asyncio/core/running_loop.hpp>

namespace asyncio::detail {

/// Whether an operation is first tried without waiting, which costs a system call if it must wait.
enum class Attempt : bool { first, never };

/// `co_await Perform(...)` gives the effect (>= 0) or -errno; only a cancellation is thrown.
///
/// Cancellation: if the operation had its effect all the same, that is given, and the
/// CancelledError is raised at the next suspension: no byte and no descriptor is lost.
class Perform final : public OperationWait {
 public:
  /// `prepare(operation)` fills in what is asked of the kernel.
  template <class Prepare>
  explicit Perform(Prepare&& prepare, Attempt attempt = Attempt::first) : attempt_(attempt) {
    prepare(static_cast<Operation&>(*this));
  }

  bool await_ready() noexcept {
    use(get_running_loop().backend_interface());
    return attempt_ == Attempt::first && attempt();
  }
  int await_resume() {
    take_answer();
    if (result < 0)
      throw_if_cancelled();
    else
      postpone_cancel();
    return result;
  }

 private:
  Attempt attempt_;
};

}  // namespace asyncio::detail

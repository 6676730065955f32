#include <asyncio/core/foreign.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace foreign_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// A source of wake-ups as another library might have it: it keeps the handle and resumes it.
class Source {
 public:
  struct Awaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { source.waiting_.push_back(handle); }
    int await_resume() const {
      if (source.fails_) throw std::invalid_argument("foreign");
      return source.value_;
    }
    Source& source;
  };

  Awaiter operator co_await() noexcept { return Awaiter{*this}; }

  void fire(int value) {
    value_ = value;
    for (std::coroutine_handle<> handle : std::exchange(waiting_, {})) handle.resume();
  }
  void fail() {
    fails_ = true;
    fire(0);
  }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
  int value_ = 0;
  bool fails_ = false;
};

ASYNC_VIRTUAL_TEST("foreign: whoever resumes the handle wakes the task, one turn later",
                   "[CORO-08]") {
  Source source;
  Trace trace;
  auto waiter = [&]() -> Task<> {
    const int value = co_await source;
    trace.push_back("got " + std::to_string(value));
  };
  auto task = create_task(waiter());
  co_await turns(1);
  CHECK(source.waiting() == 1);
  source.fire(5);
  trace.push_back("fired");
  co_await task;
  CHECK(trace == Trace{"fired", "got 5"});
}

ASYNC_VIRTUAL_TEST("foreign: an exception of the awaiter is thrown in the coroutine", "[CORO-08]") {
  Source source;
  auto waiter = [&source]() -> Task<> { static_cast<void>(co_await source); };
  auto task = create_task(waiter());
  co_await turns(1);
  source.fail();
  const std::string how = co_await ending(task);
  CHECK(how == "invalid_argument(foreign)");
}

struct ResumesInside {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { handle.resume(); }
  int await_resume() const noexcept { return 1; }
};
struct DoesNotSuspend {
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<>) const noexcept { return false; }
  int await_resume() const noexcept { return 2; }
};
struct FailsToSuspend {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const { throw std::invalid_argument("no"); }
  void await_resume() const noexcept {}
};

ASYNC_VIRTUAL_TEST("foreign: may be resumed inside await_suspend, or not suspend at all",
                   "[CORO-08]") {
  const int inside = co_await ResumesInside();
  const int at_once = co_await DoesNotSuspend();
  CHECK(inside == 1);
  CHECK(at_once == 2);
}

ASYNC_VIRTUAL_TEST("foreign: an exception out of await_suspend reaches the coroutine",
                   "[CORO-08]") {
  const std::string how = co_await ending(FailsToSuspend());
  CHECK(how == "invalid_argument(no)");
  const int still_works = co_await gives(1, 1);
  CHECK(still_works == 1);
}

ASYNC_VIRTUAL_TEST("foreign: cannot be cancelled, the request waits for the next suspension",
                   "[CAN-02]") {
  Source source;
  Trace trace;
  auto waiter = [&]() -> Task<> {
    const int value = co_await source;
    trace.push_back("got " + std::to_string(value));
    const std::string how = co_await ending(turns(1));
    trace.push_back(how);
  };
  auto task = create_task(waiter());
  co_await turns(1);
  CHECK(task.cancel());
  co_await turns(2);
  CHECK(trace.empty());
  source.fire(1);
  co_await task;
  CHECK(trace == Trace{"got 1", "CancelledError"});
}

}  // namespace

}  // namespace foreign_test

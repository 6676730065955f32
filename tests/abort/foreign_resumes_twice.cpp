// expect-abort: a task was woken that is not suspended
// An awaiter of another library that resumes its handle twice.
#include <asyncio/core/run.hpp>

#include <coroutine>

namespace {

struct Eager {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    handle.resume();
    handle.resume();
  }
  void await_resume() const noexcept {}
};

asyncio::Task<> waits() { co_await Eager{}; }

}  // namespace

int main() {
  asyncio::run(waits());
  return 0;
}

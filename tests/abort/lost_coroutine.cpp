// expect-abort: a coroutine returned control without suspending
// What g++ 12.2 makes of some coroutines, by hand: an awaiter that suspends and registers nothing.
#include <asyncio/core/run.hpp>

namespace {

struct Lost {
  bool await_ready() const noexcept { return false; }
  void suspend(asyncio::detail::PromiseBase&) const noexcept {}
  void await_resume() const noexcept {}
};

asyncio::Task<> forgets() { co_await Lost{}; }

}  // namespace

int main() {
  asyncio::run(forgets());
  return 0;
}

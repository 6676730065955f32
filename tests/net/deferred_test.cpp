#include <asyncio/net/deferred.hpp>

#include "net_support.hpp"

namespace deferred_test {

using namespace asyncio_test;

namespace {

/// A leaf that cannot move and tells where it is.
class Leaf {
 public:
  explicit Leaf(int value) noexcept : value_(value) {}
  Leaf(const Leaf&) = delete;
  Leaf& operator=(const Leaf&) = delete;
  bool await_ready() const noexcept { return true; }
  void suspend(asyncio::detail::PromiseBase&) noexcept {}
  int await_resume() const noexcept { return value_; }

 private:
  int value_;
};

using DeferredLeaf = asyncio::detail::Deferred<Leaf, int>;
static_assert(asyncio::Awaitable<DeferredLeaf> && std::movable<DeferredLeaf>);

}  // namespace

ASYNC_TEST("deferred: makes its leaf where it is awaited", "[CORO-01]") {
  DeferredLeaf first(7);
  DeferredLeaf moved = std::move(first);
  const int value = co_await std::move(moved);
  REQUIRE(value == 7);
  const int limited = co_await asyncio::wait_for(DeferredLeaf(8), 1s);
  REQUIRE(limited == 8);
  const int scheduled = co_await asyncio::create_task(DeferredLeaf(9));
  REQUIRE(scheduled == 9);
}

}  // namespace deferred_test

#include <asyncio/net/loop_resource.hpp>

#include "net_support.hpp"

namespace loop_resource_test {

using namespace asyncio_test;
using asyncio::detail::LoopFd;
using asyncio::detail::LoopResource;
using asyncio::detail::LoopResources;

namespace {

struct Resource final : LoopResource {
  Resource(std::string& log, bool flushes) : trace(log), is_busy(flushes) {}
  bool is_flushing() const noexcept override { return is_busy; }
  void end() noexcept override {
    trace += is_busy ? "late " : "early ";
    if (victim) victim->unlink();
  }
  std::string& trace;
  bool is_busy;
  LoopResource* victim = nullptr;
};

}  // namespace

TEST_CASE("loop resource: ended with the loop, those that flush after the others", "[LOP-12]") {
  std::string trace;
  Resource flushing(trace, true);
  Resource idle(trace, false);
  Resource gone(trace, false);
  Resource removed(trace, false);
  {
    asyncio::EventLoop loop(asyncio::Backend::epoll);
    auto& all = loop.service<LoopResources>();
    all.add(flushing);
    all.add(idle);
    all.add(removed);
    {
      Resource dies(trace, false);
      all.add(dies);
    }
    idle.victim = &removed;  // end() may take others out
  }
  REQUIRE(trace == "early late ");
  REQUIRE_FALSE(gone.is_linked());
}

TEST_CASE("loop resource: a descriptor is closed, with its loop or without", "[U2]") {
  const std::ptrdiff_t before = open_descriptors();
  {
    LoopFd never_used(asyncio::os::Fd(::dup(0)));
    asyncio::EventLoop loop(asyncio::Backend::epoll);
    LoopFd used(asyncio::os::Fd(::dup(0)));
    used.use_in(loop);
    used.close();
    used.close();
    REQUIRE_FALSE(used.is_open());
  }
  REQUIRE(open_descriptors() == before);
  std::optional<LoopFd> outlives;
  {
    asyncio::EventLoop loop(asyncio::Backend::epoll);
    outlives.emplace(asyncio::os::Fd(::dup(0)));
    outlives->use_in(loop);
  }
  outlives.reset();
  REQUIRE(open_descriptors() == before);
}

}  // namespace loop_resource_test

#include <asyncio/net/resolver_pool.hpp>

#include "net_support.hpp"

#include <atomic>
#include <csignal>

namespace resolver_pool_test {

using namespace asyncio_test;
using asyncio::detail::Lookup;
using asyncio::detail::ResolverPool;

namespace {

/// Counts how many run at the same time, and looks at the thread's signal mask.
struct Counting final : Lookup {
  explicit Counting(std::atomic<int>& count) : finished(count) {}
  void run() noexcept override {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocks_signals = ::sigismember(&mask, SIGINT) == 1;
    thread = std::this_thread::get_id();
    ++finished;
  }
  std::atomic<int>& finished;
  bool blocks_signals = false;
  std::thread::id thread;
};

Task<> done(std::shared_ptr<Counting> lookup) {
  while (!lookup->is_done) co_await lookup->waiters.wait();
}

}  // namespace

ASYNC_TEST("resolver pool: runs lookups on threads that take no signals", "[EXE-05][N9]") {
  std::atomic<int> finished = 0;
  std::vector<std::shared_ptr<Counting>> lookups;
  auto& pool = asyncio::get_running_loop().service<ResolverPool>();
  for (int i = 0; i < 50; ++i) {
    lookups.push_back(std::make_shared<Counting>(finished));
    pool.start(lookups.back());
  }
  for (const auto& lookup : lookups) co_await done(lookup);
  REQUIRE(finished == 50);
  for (const auto& lookup : lookups) {
    REQUIRE(lookup->blocks_signals);
    REQUIRE(lookup->thread != std::this_thread::get_id());
  }
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  REQUIRE(::sigismember(&mask, SIGINT) == 0);
}

TEST_CASE("resolver pool: what nobody waits for any more is dropped", "[N9]") {
  std::atomic<int> finished = 0;
  auto lookup = std::make_shared<Counting>(finished);
  {
    asyncio::EventLoop loop(asyncio::Backend::epoll);
    loop.service<ResolverPool>().start(lookup);
    while (finished == 0) std::this_thread::yield();
  }
  while (lookup.use_count() > 1) std::this_thread::yield();
  REQUIRE(finished == 1);
}

}  // namespace resolver_pool_test

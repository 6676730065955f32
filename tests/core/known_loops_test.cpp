#include <asyncio/core/known_loops.hpp>
//
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <support/catch.hpp>

namespace known_loops_test {

using asyncio::detail::KnownLoop;

namespace {

struct Known : KnownLoop {};

TEST_CASE("known loops: a loop is known on its thread as long as it exists") {
  auto first = std::make_unique<Known>();
  auto second = std::make_unique<Known>();
  auto third = std::make_unique<Known>();
  const auto address = reinterpret_cast<std::uintptr_t>(second.get());
  const auto is_known = [address] {
    return KnownLoop::is_known_here(reinterpret_cast<const KnownLoop*>(address));
  };
  CHECK(is_known());
  second.reset();
  CHECK_FALSE(is_known());
  CHECK(KnownLoop::is_known_here(first.get()));
  CHECK(KnownLoop::is_known_here(third.get()));
}

TEST_CASE("known loops: a loop belongs to one thread, which may change") {
  Known loop;
  CHECK(loop.belongs_here());
  bool was_known = true;
  bool is_known = false;
  std::thread([&] {
    was_known = KnownLoop::is_known_here(&loop);
    loop.move_here();
    is_known = KnownLoop::is_known_here(&loop) && loop.belongs_here();
  }).join();
  CHECK_FALSE(was_known);
  CHECK(is_known);
  CHECK_FALSE(KnownLoop::is_known_here(&loop));
}

TEST_CASE("known loops: threads make and destroy theirs at the same time") {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int who = 0; who < 4; ++who) {
    threads.emplace_back([&wrong] {
      for (int i = 0; i < 5'000; ++i) {
        Known loop;
        if (!KnownLoop::is_known_here(&loop)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace

}  // namespace known_loops_test

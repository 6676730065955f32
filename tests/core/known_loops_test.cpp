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

TEST_CASE("known loops: a loop is known as long as it exists") {
  auto first = std::make_unique<Known>();
  auto second = std::make_unique<Known>();
  auto third = std::make_unique<Known>();
  const auto address = reinterpret_cast<std::uintptr_t>(second.get());
  const auto is_known = [address] {
    return KnownLoop::exists(reinterpret_cast<const KnownLoop*>(address));
  };
  CHECK(is_known());
  second.reset();
  CHECK_FALSE(is_known());
  CHECK(KnownLoop::exists(first.get()));
  CHECK(KnownLoop::exists(third.get()));
}

TEST_CASE("known loops: a question is asked of a loop that exists only") {
  Known loop;
  int asked = 0;
  const auto question = [&asked] { return ++asked > 1; };
  CHECK_FALSE(KnownLoop::exists_and(&loop, question));
  CHECK(KnownLoop::exists_and(&loop, question));
  CHECK_FALSE(KnownLoop::exists_and(nullptr, question));
  CHECK(asked == 2);
}

TEST_CASE("known loops: threads make and destroy theirs at the same time") {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int who = 0; who < 4; ++who) {
    threads.emplace_back([&wrong] {
      for (int i = 0; i < 5'000; ++i) {
        Known loop;
        if (!KnownLoop::exists(&loop)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace

}  // namespace known_loops_test

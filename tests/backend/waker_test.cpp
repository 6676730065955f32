#include <asyncio/backend/waker.hpp>

#include <atomic>
#include <support/catch.hpp>
#include <thread>
#include <vector>

#include <poll.h>

namespace waker_test {

using asyncio::detail::Waker;

namespace {

bool is_readable(const Waker& waker, int milliseconds = 0) {
  pollfd entry{waker.fd(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) == 1;
}

}  // namespace

TEST_CASE("waker: readable from the first wake until it is drained", "[backend][waker]") {
  Waker waker;
  REQUIRE_FALSE(is_readable(waker));
  waker.wake();
  waker.wake();
  REQUIRE(is_readable(waker));
  waker.drain();
  REQUIRE_FALSE(is_readable(waker));
  waker.wake();
  REQUIRE(is_readable(waker));
}

TEST_CASE("waker: no post of several threads is lost", "[backend][waker]") {
  constexpr int threads = 3;
  constexpr int posts = 20'000;
  Waker waker;
  std::atomic<int> inbox = 0;
  std::vector<std::thread> posters;
  for (int i = 0; i < threads; ++i) {
    posters.emplace_back([&] {
      for (int post = 0; post < posts; ++post) {
        inbox.fetch_add(1, std::memory_order_relaxed);
        waker.wake();
      }
    });
  }
  int taken = 0;
  bool lost = false;
  while (taken != threads * posts && !lost) {
    lost = !is_readable(waker, 5000);
    waker.drain();
    taken += inbox.exchange(0, std::memory_order_relaxed);
  }
  for (std::thread& poster : posters) poster.join();
  REQUIRE_FALSE(lost);
}

TEST_CASE("waker: what was written before wake is seen after drain", "[backend][waker]") {
  Waker waker;
  int letter = 0;  // not atomic: ThreadSanitizer checks the order
  std::thread poster([&] {
    letter = 42;
    waker.wake();
  });
  REQUIRE(is_readable(waker, 5000));
  waker.drain();
  REQUIRE(letter == 42);
  poster.join();
}

}  // namespace waker_test

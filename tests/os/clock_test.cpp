#include <asyncio/os/clock.hpp>

#include <support/catch.hpp>

#include <time.h>

namespace clock_test {

TEST_CASE("clock: is CLOCK_MONOTONIC", "[os]") {
  const auto before = asyncio::os::monotonic_now();
  timespec raw{};
  ::clock_gettime(CLOCK_MONOTONIC, &raw);
  const auto after = asyncio::os::monotonic_now();
  const auto between = std::chrono::steady_clock::time_point(std::chrono::seconds(raw.tv_sec) +
                                                             std::chrono::nanoseconds(raw.tv_nsec));
  REQUIRE(before <= between);
  REQUIRE(between <= after);
}

}  // namespace clock_test

// The monotonic clock.
// Reference: loop.time().
#pragma once

#include <chrono>

#include <time.h>

namespace asyncio::os {

/// CLOCK_MONOTONIC, which both kernel backends measure their timeouts with.
[[nodiscard]] inline std::chrono::steady_clock::time_point monotonic_now() noexcept {
  return std::chrono::steady_clock::now();
}

/// The same as of the kernel's last tick: up to 10 ms behind, and several times cheaper.
/// CLOCK_MONOTONIC_COARSE, clock_gettime(2).
[[nodiscard]] inline std::chrono::steady_clock::time_point coarse_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(now.tv_sec) +
                                               std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace asyncio::os

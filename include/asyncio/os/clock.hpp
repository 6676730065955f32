// The monotonic clock.
// Reference: loop.time().
#pragma once

#include <chrono>

namespace asyncio::os {

/// CLOCK_MONOTONIC, which both kernel backends measure their timeouts with.
[[nodiscard]] inline std::chrono::steady_clock::time_point monotonic_now() noexcept {
  return std::chrono::steady_clock::now();
}

}  // namespace asyncio::os

// Durations as the loop counts, made of any others without overflow.
// Reference: none in Python, whose delays are floats; std::chrono converts silently and overflows.
#pragma once

#include <chrono>
#include <stdexcept>
#include <type_traits>

namespace asyncio {
namespace detail {

/// In nanoseconds, rounded up, saturating. Throws: std::invalid_argument for a NaN.
template <class Rep, class Period>
[[nodiscard]] constexpr std::chrono::nanoseconds to_loop_duration(
    std::chrono::duration<Rep, Period> value) {
  using Source = std::chrono::duration<Rep, Period>;
  using Loop = std::chrono::nanoseconds;
  if constexpr (std::is_floating_point_v<Rep> || std::ratio_greater_v<Period, Loop::period>) {
    if (value != value) throw std::invalid_argument("Invalid delay: NaN (not a number)");
    if (value >= std::chrono::duration_cast<Source>(Loop::max())) return Loop::max();
    if (value <= std::chrono::duration_cast<Source>(Loop::min())) return Loop::min();
  }
  return std::chrono::ceil<Loop>(value);
}

}  // namespace detail

/// A delay, of any std::chrono duration: 2min, 0.5s, hours::max().
struct LoopDuration : std::chrono::nanoseconds {
  /// Saturates, and rounds up. Throws: std::invalid_argument for a NaN.
  template <class Rep, class Period>
  constexpr LoopDuration(std::chrono::duration<Rep, Period> value)
      : std::chrono::nanoseconds(detail::to_loop_duration(value)) {}
};

}  // namespace asyncio

// The dice of a seeded test: the same numbers on every machine and with every standard library.
// Reference: Vigna's splitmix64, https://prng.di.unimi.it/splitmix64.c.
#pragma once

#include <cstddef>
#include <cstdint>

namespace asyncio::testing {

/// A sequence of numbers that its seed determines.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// The next number; every bit is as good as another.
  [[nodiscard]] std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// A number from 0 to `bound` - 1. Needs: bound > 0.
  [[nodiscard]] std::size_t below(std::size_t bound) noexcept {
    return static_cast<std::size_t>(next() % bound);
  }

  /// True once in `times`, on average.
  [[nodiscard]] bool one_in(std::size_t times) noexcept { return below(times) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace asyncio::testing

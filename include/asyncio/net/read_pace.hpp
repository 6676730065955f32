// How much a connection reads at a time, and how often before others get a turn.
// Reference: PERFORMANCE: read big when the socket is full.
#pragma once

#include <cstddef>
#include <cstdint>

namespace asyncio::detail {

/// Reads grow while they fill their space and shrink when they stay small. Of reads that succeed at
/// once only so many come in a row.
class ReadPace {
 public:
  static constexpr std::size_t smallest = 4 * 1024;
  static constexpr std::size_t largest = 256 * 1024;

  /// The space for the next read.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// A read into `space` bytes gave `count`.
  void note(std::size_t count, std::size_t space) noexcept {
    small_reads_ =
        count < space / 4 ? static_cast<std::uint8_t>(small_reads_ + 1) : std::uint8_t{0};
    if (count == space && size_ < largest) size_ *= 2;
    if (small_reads_ < small_reads_to_shrink) return;
    small_reads_ = 0;
    if (size_ > smallest) size_ /= 2;
  }

  /// Counts a read that is tried at once; false: the next one should wait for its turn.
  [[nodiscard]] bool may_try_at_once() noexcept { return ++tries_ <= tries_between_waits; }
  void waited() noexcept { tries_ = 0; }

 private:
  static constexpr std::uint8_t small_reads_to_shrink = 2;
  static constexpr std::uint8_t tries_between_waits = 16;

  std::uint32_t size_ = smallest;
  std::uint8_t small_reads_ = 0;  // in a row
  std::uint8_t tries_ = 0;        // since the last wait
};

}  // namespace asyncio::detail

// Types that count their lives: constructed == destroyed when a test ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace asyncio_test {

/// What happened to all objects of one counted type. `reset()` before the part that is measured.
/// Threads: any, as arguments and results go through them.
struct LifeCount {
  std::atomic<std::int64_t> constructed = 0;  // by any constructor
  std::atomic<std::int64_t> copied = 0;
  std::atomic<std::int64_t> moved = 0;
  std::atomic<std::int64_t> destroyed = 0;

  std::int64_t alive() const { return constructed - destroyed; }
  void reset() { constructed = copied = moved = destroyed = 0; }
};

/// A value that counts. Each Tag has its own count, so that two tests do not meet.
template <class Tag = void>
class Counted {
 public:
  Counted() noexcept { ++count.constructed; }
  explicit Counted(int value) noexcept : value_(value) { ++count.constructed; }
  Counted(const Counted& other) noexcept : value_(other.value_) {
    ++count.constructed, ++count.copied;
  }
  Counted(Counted&& other) noexcept : value_(std::exchange(other.value_, moved_from)) {
    ++count.constructed, ++count.moved;
  }
  Counted& operator=(const Counted& other) noexcept = default;
  Counted& operator=(Counted&& other) noexcept {
    value_ = std::exchange(other.value_, moved_from);
    return *this;
  }
  ~Counted() { ++count.destroyed; }

  int value() const noexcept { return value_; }
  friend bool operator==(const Counted& a, const Counted& b) noexcept {
    return a.value_ == b.value_;
  }

  static constexpr int moved_from = -1;
  static inline LifeCount count;

 private:
  int value_ = 0;
};

/// The same, but it cannot be copied.
template <class Tag = void>
class MoveOnly {
 public:
  MoveOnly() noexcept = default;
  explicit MoveOnly(int value) noexcept : counted_(value) {}
  MoveOnly(MoveOnly&&) noexcept = default;
  MoveOnly& operator=(MoveOnly&&) noexcept = default;

  int value() const noexcept { return counted_.value(); }

  static LifeCount& count() { return Counted<MoveOnly>::count; }

 private:
  Counted<MoveOnly> counted_;
};

}  // namespace asyncio_test

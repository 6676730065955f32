// What a thread waits at until the test lets it go on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace asyncio_test {

/// Opened once, from any thread.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }
  [[nodiscard]] bool is_open() {
    const std::lock_guard lock(mutex_);
    return is_open_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

/// Opens a gate at the end of a scope, so that a failing test does not leave a thread behind.
class OpenAtEnd {
 public:
  explicit OpenAtEnd(Gate& gate) : gate_(gate) {}
  OpenAtEnd(const OpenAtEnd&) = delete;
  OpenAtEnd& operator=(const OpenAtEnd&) = delete;
  ~OpenAtEnd() { gate_.open(); }

 private:
  Gate& gate_;
};

/// Blocks this thread until it is asked to stop.
inline void wait_for_stop(const std::stop_token& token) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any asked;
  asked.wait(lock, token, [] { return false; });
}

}  // namespace asyncio_test

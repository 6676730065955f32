// What a thread waits at until the test lets it go on.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>

namespace asyncio_test {

/// Opened once, from any thread. Copies are the same gate: one for a thread that may outlive the
/// test's scope.
class Gate {
 public:
  void open() const {
    const std::lock_guard lock(state_->mutex);
    state_->is_open = true;
    state_->opened.notify_all();
  }
  void wait() const {
    std::unique_lock lock(state_->mutex);
    state_->opened.wait(lock, [this] { return state_->is_open; });
  }
  [[nodiscard]] bool is_open() const {
    const std::lock_guard lock(state_->mutex);
    return state_->is_open;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable opened;
    bool is_open = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
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

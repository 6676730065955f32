// An event loop on a thread of its own.
#pragma once

#include <asyncio/core/run.hpp>

#include <support/gate.hpp>

#include <thread>

namespace asyncio_test {

/// Runs a loop until the end of the scope; tasks that are left are then cancelled.
class LoopThread {
 public:
  LoopThread() : thread_([this] { run(); }) { started_.wait(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() { stop(); }

  [[nodiscard]] asyncio::EventLoop& loop() noexcept { return *loop_; }

  /// Ends the loop; the object stays until the end of the scope.
  void stop() {
    if (!thread_.joinable()) return;
    stop_loop();
    may_end_.open();
    thread_.join();
  }
  /// Stops the loop without closing it.
  void stop_loop() {
    if (is_stopped_) return;
    is_stopped_ = true;
    loop_->call_soon_threadsafe([this] { loop_->stop(); });
  }
  /// Returns when what was posted before has run.
  void run_a_turn() {
    Gate gate;
    loop_->call_soon_threadsafe([&gate] { gate.open(); });
    gate.wait();
  }

 private:
  void run() {
    asyncio::Runner runner(asyncio::RunOptions{.handle_sigint = false});
    loop_ = &runner.get_loop();
    loop_->call_soon([this] { started_.open(); });
    loop_->run_forever();
    may_end_.wait();
    runner.close();
  }

  Gate started_, may_end_;
  asyncio::EventLoop* loop_ = nullptr;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace asyncio_test

// Threads for the operations of files, where io_uring does not do them: a disk is never "ready".
// Reference: libuv's uv_fs_*, which do the same.
#pragma once

#include <asyncio/backend/operation.hpp>
#include <asyncio/backend/waker.hpp>
#include <asyncio/os/thread.hpp>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace asyncio::detail {

/// Does operations by their `block` on a few threads, started when they are needed. An operation
/// that has begun is not stopped.
///
/// Invariant: an operation of the pool is in `queued_`, with a thread, or in `done_`, as its
/// `generation` says, a Stage; the list and the generation are guarded by the mutex.
class BlockingPool {
 public:
  /// `waker` is used when something is done.
  explicit BlockingPool(Waker& waker) noexcept : waker_(waker) {}
  BlockingPool(const BlockingPool&) = delete;  // its threads point at it
  BlockingPool& operator=(const BlockingPool&) = delete;
  /// Needs: collect_all() was called.
  ~BlockingPool() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      work_or_end_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  /// Returns: 0, or -errno when there is no thread and none can be made.
  [[nodiscard]] int start(Operation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    if (idle_ <= queued_count_ && threads_.size() < most_threads) start_thread();
    if (threads_.empty()) return -EAGAIN;
    operation.generation = stage_queued;
    queued_.push_back(operation);
    ++queued_count_;
    work_or_end_.notify_one();
    return 0;
  }

  /// Takes back an operation that has not begun. Returns: false if it has.
  [[nodiscard]] bool withdraw(Operation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    if (operation.generation != stage_queued) return false;
    take_out(operation);
    return true;
  }

  /// Takes out one that has begun, once it is done.
  void wait_for(Operation& operation) noexcept {
    std::unique_lock lock(mutex_);
    something_done_.wait(lock, [&] { return operation.generation == stage_done; });
    operation.unlink();
  }

  /// Calls `withdrawn` for each operation on `fd` that has not begun.
  template <class Withdrawn>
  void withdraw_on(int fd, Withdrawn withdrawn) noexcept {
    List<Operation> found;
    {
      const std::lock_guard lock(mutex_);
      for (Operation* operation = queued_.first(); operation != nullptr;) {
        Operation* const next = queued_.next(*operation);
        if (operation->fd == fd) {
          take_out(*operation);
          found.push_back(*operation);
        }
        operation = next;
      }
    }
    while (Operation* operation = found.pop_front()) withdrawn(*operation);
  }

  /// There is something to collect.
  [[nodiscard]] bool has_done() const noexcept { return has_done_.load(std::memory_order_acquire); }

  /// Calls `done` for each operation whose result is there.
  template <class Done>
  void collect(Done done) noexcept {
    if (!has_done()) return;
    List<Operation> found;
    {
      const std::lock_guard lock(mutex_);
      has_done_.store(false, std::memory_order_relaxed);
      while (Operation* operation = done_.pop_front()) found.push_back(*operation);
    }
    while (Operation* operation = found.pop_front()) done(*operation);
  }

  /// The same for all that have begun, after they are done; the others are forgotten.
  template <class Done>
  void collect_all(Done done) noexcept {
    {
      std::unique_lock lock(mutex_);
      while (Operation* operation = queued_.first()) take_out(*operation);
      something_done_.wait(lock, [this] { return running_ == 0; });
    }
    collect(done);
  }

 private:
  static constexpr std::size_t most_threads = 4;
  static constexpr std::uint16_t stage_queued = 1;
  static constexpr std::uint16_t stage_running = 2;
  static constexpr std::uint16_t stage_done = 3;

  void take_out(Operation& operation) noexcept {
    operation.unlink();
    operation.generation = 0;
    --queued_count_;
  }

  void start_thread() noexcept {
    try {
      threads_.reserve(most_threads);
      threads_.push_back(os::start_thread("asyncio-file", [this] { work(); }));
    } catch (...) {
      // Safe because the threads there are will do it; start() looks whether there are any.
    }
  }

  void work() noexcept {
    std::unique_lock lock(mutex_);
    while (Operation* operation = next(lock)) {
      lock.unlock();
      const int result = operation->type->block(*operation);
      lock.lock();
      finish(*operation, result);
    }
  }

  /// Null: the pool ends.
  Operation* next(std::unique_lock<std::mutex>& lock) noexcept {
    ++idle_;
    work_or_end_.wait(lock, [this] { return queued_count_ != 0 || is_ending_; });
    --idle_;
    Operation* const operation = queued_.first();
    if (operation == nullptr) return nullptr;
    take_out(*operation);
    operation->generation = stage_running;
    ++running_;
    return operation;
  }

  void finish(Operation& operation, int result) noexcept {
    operation.result = result;
    operation.generation = stage_done;
    done_.push_back(operation);
    --running_;
    has_done_.store(true, std::memory_order_release);
    something_done_.notify_all();
    waker_.wake();
  }

  Waker& waker_;
  std::mutex mutex_;  ///< guards all below but has_done_
  std::condition_variable work_or_end_;
  std::condition_variable something_done_;  ///< for those who cannot wait for collect()
  List<Operation> queued_;
  List<Operation> done_;
  std::vector<std::thread> threads_;
  std::size_t queued_count_ = 0;
  std::size_t running_ = 0;
  std::size_t idle_ = 0;
  bool is_ending_ = false;
  std::atomic<bool> has_done_ = false;  ///< there may be something in done_
};

}  // namespace asyncio::detail

// ThreadPoolExecutor: an executor with a bounded number of threads.
// Reference: https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
#pragma once

#include <asyncio/os/thread.hpp>
#include <asyncio/tasks/executor.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace asyncio {

/// How a pool is made.
struct ThreadPoolOptions {
  std::size_t max_workers = 0;  ///< 0: the number of processors and four, at most 32
  std::string_view thread_name_prefix =
      "asyncio";  ///< of "asyncio_0"; the kernel keeps 15 characters
};
static_assert(std::is_trivially_destructible_v<ThreadPoolOptions>);

/// How a pool ends.
struct ThreadPoolShutdown {
  bool wait = true;             ///< return when the threads have ended
  bool cancel_futures = false;  ///< drop what has not started; whoever awaits it is cancelled
};

/// Runs work on threads of its own, first in, first out. A thread is started when there is work and
/// no thread is idle; it stays until the pool is shut down. No thread takes signals.
/// Threads: every function may be called from any thread.
class ThreadPoolExecutor final : public Executor {
 public:
  explicit ThreadPoolExecutor(ThreadPoolOptions options = {})
      : shared_(std::make_shared<Shared>()) {
    shared_->max_workers = options.max_workers ? options.max_workers : default_workers();
    shared_->name_prefix = options.thread_name_prefix;
  }
  /// Finishes all work and waits for it, unless shutdown() was called before.
  ~ThreadPoolExecutor() override {
    if (!is_shut_down()) shutdown();
  }

  /// Throws: RuntimeError after shutdown(); std::system_error if not a single thread can be made.
  void submit(Work work) override {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->is_ending) throw RuntimeError("cannot schedule new futures after shutdown");
    if (shared_->idle <= shared_->queue.size() && shared_->threads.size() < shared_->max_workers)
      start_worker();
    shared_->queue.push_back(std::move(work));
    shared_->work_or_end.notify_one();
  }

  /// Takes no more work. What was submitted is still done, unless the options say otherwise.
  void shutdown(ThreadPoolShutdown options = {}) {
    std::deque<Work> dropped;  // after the lock: dropping wakes loops
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->is_ending = true;
      if (options.cancel_futures) dropped.swap(shared_->queue);
      threads.swap(shared_->threads);
      shared_->work_or_end.notify_all();
    }
    for (std::thread& thread : threads) {
      if (options.wait && thread.get_id() != std::this_thread::get_id())
        thread.join();
      else
        thread.detach();
    }
  }

  /// shutdown() was called, or has begun.
  [[nodiscard]] bool is_shut_down() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->is_ending;
  }
  /// The threads started so far.
  [[nodiscard]] std::size_t thread_count() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->threads.size();
  }
  /// Of these, the ones that wait for work.
  [[nodiscard]] std::size_t idle_count() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->idle;
  }
  /// What was submitted and has not started.
  [[nodiscard]] std::size_t queued_count() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->queue.size();
  }
  /// The most threads there can be.
  [[nodiscard]] std::size_t max_workers() const noexcept { return shared_->max_workers; }

  /// Takes no more work; `when_ended` is called when all that was submitted is done. For the
  /// library's own use: a loop that must not block.
  void begin_shutdown(Work when_ended) {
    std::unique_lock lock(shared_->mutex);
    shared_->is_ending = true;
    if (shared_->alive > 0) {
      shared_->at_end.push_back(std::move(when_ended));
      shared_->work_or_end.notify_all();
    } else {
      lock.unlock();
      when_ended();
    }
  }

 private:
  /// What the threads hold too, as a pool that is not waited for ends before them.
  struct Shared {
    std::mutex mutex;  // guards everything here
    std::condition_variable work_or_end;
    std::deque<Work> queue;
    std::vector<Work> at_end;  // called by the last thread
    std::vector<std::thread> threads;
    std::string name_prefix;
    std::size_t max_workers = 0;
    std::size_t alive = 0;  // threads that have not ended
    std::size_t idle = 0;
    bool is_ending = false;
  };

  static std::size_t default_workers() noexcept {  // as Python
    return std::min(32u, std::max(1u, std::thread::hardware_concurrency()) + 4);
  }

  void start_worker() {
    const std::size_t number = shared_->threads.size();
    shared_->threads.reserve(number + 1);
    try {
      shared_->threads.push_back(
          os::start_thread(shared_->name_prefix + '_' + std::to_string(number),
                           [shared = shared_] { run_worker(*shared); }));
      ++shared_->alive;
    } catch (const std::system_error&) {
      if (shared_->alive == 0) throw;  // the others will do it
    }
  }

  static void run_worker(Shared& shared) noexcept {
    std::unique_lock lock(shared.mutex);
    while (Work work = next(shared, lock)) {
      lock.unlock();
      work();
      lock.lock();
    }
    if (--shared.alive != 0) return;
    std::vector<Work> at_end = std::move(shared.at_end);
    lock.unlock();
    for (Work& work : at_end) work();
  }

  /// Empty: the pool is shut down and there is nothing left to do.
  static Work next(Shared& shared, std::unique_lock<std::mutex>& lock) {
    ++shared.idle;
    shared.work_or_end.wait(lock, [&] { return !shared.queue.empty() || shared.is_ending; });
    --shared.idle;
    if (shared.queue.empty()) return Work();
    Work first = std::move(shared.queue.front());
    shared.queue.pop_front();
    return first;
  }

  std::shared_ptr<Shared> shared_;
};

}  // namespace asyncio

// The threads on which names are looked up: few, the loop's own, and never waited for.
// Reference: BaseEventLoop.getaddrinfo, which shares the default executor.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

namespace asyncio::detail {

/// One blocking call. Shared by the coroutine that waits, which may give up, and the thread.
class Lookup {
 public:
  Lookup() = default;
  Lookup(const Lookup&) = delete;  // shared
  Lookup& operator=(const Lookup&) = delete;
  virtual ~Lookup() = default;

  /// Called on a thread of the pool; keeps what it found in the object.
  virtual void run() noexcept = 0;

  bool is_done = false;  // of the loop's thread
  WaitQueue waiters;     // of the loop's thread
};

/// A loop's pool. A thread that is stuck in a call delays neither the loop nor its end: it is
/// detached, and what it finds is dropped if nobody is left who wants it.
class ResolverPool final : public LoopService {
 public:
  explicit ResolverPool(EventLoop& loop) : shared_(std::make_shared<Shared>()) {
    shared_->loop = &loop;
  }
  ~ResolverPool() override {
    const std::lock_guard lock(shared_->mutex);
    shared_->loop = nullptr;
    shared_->queue.clear();
    shared_->work_or_end.notify_all();
  }

  /// Runs `lookup` on a thread; its waiters are woken afterwards.
  /// Throws: std::system_error when there is no thread and none can be made.
  void start(std::shared_ptr<Lookup> lookup) {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->idle_threads <= shared_->queue.size() && shared_->threads < most_threads)
      start_thread();
    shared_->queue.push_back(std::move(lookup));
    shared_->loop->backend_interface().expect_wake(+1);
    shared_->work_or_end.notify_one();
  }

 private:
  static constexpr std::size_t most_threads = 4;
  static constexpr std::chrono::seconds idle_time{10};  // after which a thread ends

  struct Shared {
    std::mutex mutex;  // guards everything here
    std::condition_variable work_or_end;
    std::deque<std::shared_ptr<Lookup>> queue;
    EventLoop* loop = nullptr;  // null once the loop is closing
    std::size_t threads = 0;
    std::size_t idle_threads = 0;
  };

  /// Brings a lookup back to the loop's thread. Owns itself.
  struct Delivery : ReadyNode {
    Delivery(EventLoop& l, std::shared_ptr<Lookup> found) noexcept
        : ReadyNode(&deliver), loop(l), lookup(std::move(found)) {}
    static void deliver(ReadyNode& node, Turn turn) noexcept {
      const std::unique_ptr<Delivery> self(static_cast<Delivery*>(&node));
      self->lookup->is_done = true;
      if (turn == Turn::discard) return;
      self->loop.backend_interface().expect_wake(-1);
      self->lookup->waiters.wake_all();
    }
    EventLoop& loop;
    std::shared_ptr<Lookup> lookup;
  };

  void start_thread() {
    // The thread inherits the mask: signals are the business of the threads that run loops.
    sigset_t all, previous;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous);
    try {
      std::thread(&work, shared_).detach();
      ++shared_->threads;
    } catch (...) {
      ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
      if (shared_->threads == 0) throw;
      return;
    }
    ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  }

  static void work(const std::shared_ptr<Shared>& shared) noexcept {
    std::unique_lock lock(shared->mutex);
    while (std::shared_ptr<Lookup> lookup = next(*shared, lock)) {
      lock.unlock();
      lookup->run();
      lock.lock();
      // Under the lock, so that the loop still exists. Safe because `lookup` is the last use here.
      if (shared->loop)
        shared->loop->push_threadsafe(*new Delivery(*shared->loop, std::move(lookup)));
    }
    --shared->threads;
  }

  /// Null: nothing to do for a while, or never again.
  static std::shared_ptr<Lookup> next(Shared& shared, std::unique_lock<std::mutex>& lock) {
    ++shared.idle_threads;
    shared.work_or_end.wait_for(lock, idle_time,
                                [&] { return !shared.queue.empty() || !shared.loop; });
    --shared.idle_threads;
    if (shared.queue.empty()) return nullptr;
    std::shared_ptr<Lookup> first = std::move(shared.queue.front());
    shared.queue.pop_front();
    return first;
  }

  std::shared_ptr<Shared> shared_;
};

}  // namespace asyncio::detail

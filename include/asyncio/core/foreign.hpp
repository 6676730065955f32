// Awaiters of other libraries in our coroutines: whoever resumes their handle wakes the task.
// Reference: none in Python; asyncio awaits only its own futures.
#pragma once

#include <asyncio/core/awaitable.hpp>

namespace asyncio::detail {

/// A tiny coroutine that a foreign awaiter holds in place of ours. Resuming it queues our task, so
/// that our frames run inside their task's step and nowhere else.
class Bridge {
 public:
  struct promise_type {
    static void* operator new(std::size_t size) { return FramePool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
      FramePool::deallocate(memory, size);
    }
    Bridge get_return_object() noexcept {
      return Bridge(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };

  explicit Bridge(std::coroutine_handle<> frame) noexcept : frame_(frame) {}
  Bridge(const Bridge&) = delete;  // owns the frame
  Bridge& operator=(const Bridge&) = delete;
  ~Bridge() { frame_.destroy(); }

  [[nodiscard]] std::coroutine_handle<> handle() const noexcept { return frame_; }

 private:
  std::coroutine_handle<> frame_;
};

/// co_await of a foreign awaiter. It cannot be cancelled: a request waits for the next suspension.
/// Lifetime: destroying the task while it waits here leaves the foreign side with a dead handle,
/// as with any coroutine; close such sources before the loop.
template <class A>
class ForeignAwait final : public Suspension {
 public:
  template <class Make>
  explicit ForeignAwait(Make&& make)
      : awaiter_(std::forward<Make>(make)()), bridge_(make_bridge(*this)) {}

  bool await_ready() { return awaiter_.await_ready(); }

  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) noexcept {
    PromiseBase& frame = awaiting.promise();
    task_ = frame.task_;
    task_->suspend(frame, this);
    try {
      start_wait();
    } catch (...) {
      error_ = std::current_exception();
      if (task_->progress() == TaskBase::Progress::suspended) task_->wake();
    }
  }
  decltype(auto) await_resume() {
    if (error_) [[unlikely]]
      std::rethrow_exception(error_);
    return awaiter_.await_resume();
  }

  bool cancel(const std::exception_ptr&) noexcept override { return false; }
  void detach() noexcept override {}

 private:
  static Bridge make_bridge(ForeignAwait& self) {
    for (;;) {
      self.wake_up();  // asserts that the task waits: a second resumption is noticed
      co_await std::suspend_always{};
    }
  }
  void wake_up() noexcept { task_->wake(); }

  void start_wait() {
    using Result = decltype(awaiter_.await_suspend(bridge_.handle()));
    if constexpr (std::is_void_v<Result>) {
      awaiter_.await_suspend(bridge_.handle());
    } else {
      static_assert(std::same_as<Result, bool>,
                    "asyncio: an awaiter whose await_suspend returns a coroutine handle cannot be "
                    "awaited here; its library must resume the handle it was given");
      if (!awaiter_.await_suspend(bridge_.handle())) task_->wake();
    }
  }

  A awaiter_;
  TaskBase* task_ = nullptr;
  std::exception_ptr error_;  // out of the awaiter's await_suspend
  Bridge bridge_;
};

}  // namespace asyncio::detail

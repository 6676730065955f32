// Task<T>, what a coroutine function returns: lazy, awaited once or scheduled once.
// Reference: Python's coroutine objects; https://docs.python.org/3/library/asyncio-task.html#coroutines
#pragma once

#include <asyncio/core/awaitable.hpp>
#include <asyncio/core/foreign.hpp>

namespace asyncio {
namespace detail {

template <class>
inline constexpr bool always_false = false;

/// Returns control to the trampoline, which goes on with the awaiting frame.
struct FinalAwait {
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> finished) const noexcept {
    PromiseBase& promise = finished.promise();
    promise.task_->continue_with(promise.parent_);
  }
  void await_resume() const noexcept {}
};

template <class T>
class Promise;

/// Starts the awaited frame and stops the awaiting one until it is done.
template <class T>
class CallStart : public CallBase {
 public:
  using CallBase::CallBase;
  ASYNCIO_ALWAYS_INLINE ~CallStart() {}

  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) noexcept {
    PromiseBase& parent = awaiting.promise();
    parent.call_ = this;
    child_->parent_ = &parent;
    child_->task_ = parent.task_;
    parent.task_->continue_with(child_);
  }

 protected:
  [[nodiscard]] Outcome<T>& outcome() noexcept {
    return static_cast<Promise<T>*>(child_)->outcome_;
  }
};

template <class T>
class Call final : public CallStart<T> {
 public:
  using CallStart<T>::CallStart;
  ASYNCIO_ALWAYS_INLINE ~Call() {}
  T await_resume() { return this->outcome().take(); }
};

/// A call whose failure is a value.
template <class T>
class OutcomeCall final : public CallStart<T> {
 public:
  using CallStart<T>::CallStart;
  Outcome<T> await_resume() { return std::move(this->outcome()); }
};

/// What as_outcome() makes of a Task.
template <class T>
struct OutcomeOfTask {
  explicit OutcomeOfTask(Task<T>&& t) noexcept : task(std::move(t)) {}
  Task<T> task;
};

/// Stands for a co_await that does not compile, so that our sentence is the first that is printed.
template <class T>
struct RefusedAwait {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  T await_resume() const { __builtin_trap(); }
};

[[noreturn]] __attribute__((noinline)) inline void throw_consumed() {
  throw RuntimeError("cannot reuse already awaited coroutine");
}

/// The awaiting side of a promise: what co_await means in our coroutines. Each form notes the line.
class AwaitTransforms : public PromiseBase {
 public:
  template <class U>
  Call<U> await_transform(Task<U>&& task,
                          std::source_location line = std::source_location::current()) {
    where_ = line;
    return Call<U>(consume(task));
  }
  template <class U>
  OutcomeCall<U> await_transform(OutcomeOfTask<U>&& wrapped,
                                 std::source_location line = std::source_location::current()) {
    where_ = line;
    return OutcomeCall<U>(consume(wrapped.task));
  }

  template <CallSource A>
  auto await_transform(A&& source, std::source_location line = std::source_location::current()) {
    where_ = line;
    auto task = source.make_call();
    return Call<typename decltype(task)::result_type>(consume(task));
  }

  template <class A>
    requires(!is_task<A> && !CallSource<A> && Leaf<awaiter_t<A>>)
  auto await_transform(A&& awaitable, std::source_location line = std::source_location::current()) {
    where_ = line;
    using Awaiter = decltype(get_awaiter(std::forward<A>(awaitable)));
    return LeafAwait<Awaiter>([&]() -> Awaiter { return get_awaiter(std::forward<A>(awaitable)); });
  }

  template <class A>
    requires(!is_task<A> && !CallSource<A> && ForeignAwaiter<awaiter_t<A>>)
  auto await_transform(A&& awaitable, std::source_location line = std::source_location::current()) {
    where_ = line;
    using Awaiter = decltype(get_awaiter(std::forward<A>(awaitable)));
    return ForeignAwait<Awaiter>(
        [&]() -> Awaiter { return get_awaiter(std::forward<A>(awaitable)); });
  }

  template <class U>
  RefusedAwait<U> await_transform(Task<U>&) {
    static_assert(always_false<U>,
                  "asyncio: a Task is awaited once: write co_await std::move(task), or schedule it "
                  "with create_task() and await the handle");
    return {};
  }
  template <class A>
    requires(!is_task<A> && !Awaitable<A>)
  std::suspend_never await_transform(A&&) {
    static_assert(
        always_false<A>,
        "asyncio: this type cannot be awaited: co_await takes a Task, a future or handle, "
        "or a type with operator co_await");
    return {};
  }

 private:
  template <class U>
  static PromiseBase* consume(Task<U>& task) {
    PromiseBase* const frame = task.release();
    if (!frame) [[unlikely]]
      throw_consumed();
    return frame;
  }
};

/// Stores what the coroutine gives.
template <class T>
class ReturnSlot : public AwaitTransforms {
 public:
  template <class U>
    requires std::constructible_from<T, U&&>
  void return_value(U&& value) {
    outcome_.set_value(std::forward<U>(value));
  }
  Outcome<T> outcome_;
};
template <class T>
class ReturnSlot<T&> : public AwaitTransforms {
 public:
  void return_value(T& value) noexcept { outcome_.set_value(Reference<T>{&value}); }
  Outcome<T&> outcome_;
};
template <>
class ReturnSlot<void> : public AwaitTransforms {
 public:
  void return_void() noexcept { outcome_.set_value(); }
  Outcome<void> outcome_;
};

/// The promise of a Task<T>.
template <class T>
class Promise final : public ReturnSlot<T> {
 public:
  Promise() noexcept = default;
  /// Notes what the coroutine's first parameter is or refers to; for a member function, and with g++
  /// for a lambda, that is its object. Debug mode looks whether it will be there.
  template <class First, class... Rest>
  explicit Promise(const First& first, const Rest&...) noexcept {
    if (has_state<First>()) this->object_ = std::addressof(first);
  }

  static_assert(alignof(stored_result_t<T>) <= 16,
                "asyncio: a coroutine's result may be aligned to 16 bytes at most; return a "
                "std::unique_ptr to it");

  Task<T> get_return_object(
      std::source_location function = std::source_location::current()) noexcept;
  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwait final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { this->outcome_.set_error(std::current_exception()); }

 private:
  /// Not a lambda without captures. By its size: g++ 12 answers no other question about the type
  /// that it passes for a lambda, and this one only in a function of its own, which it compiles last.
  template <class Object>
  static constexpr bool has_state() noexcept {
    if constexpr (requires { sizeof(Object); })
      return sizeof(Object) > 1;
    else
      return true;
  }
};

}  // namespace detail

inline namespace ASYNCIO_ABI {

/// A coroutine that has not run yet. Nothing of its body happens before it is awaited,
/// `co_await f()`, which runs it inside the awaiting task, or scheduled, `create_task(f())`.
///
/// Lifetime: parameters taken by reference must outlive it; a capturing lambda must not be a
/// coroutine unless something keeps the lambda (create_task(lambda) does).
/// Cost: one recycled frame.
template <class T>
class ASYNCIO_AWAIT_ELIDABLE
    [[nodiscard("asyncio: a Task does nothing until it is awaited or scheduled: co_await it, or "
                "pass it to create_task()")]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using result_type = T;

  Task() noexcept = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    frame_ = std::exchange(other.frame_, nullptr);
    return *this;
  }
  ASYNCIO_ALWAYS_INLINE ~Task() {
    if (frame_) [[unlikely]]
      drop();
  }

  /// Can still be awaited or scheduled.
  explicit operator bool() const noexcept { return frame_ != nullptr; }

  /// Destroys the coroutine unstarted, without the report that debug mode makes of one.
  void close() noexcept {
    if (frame_) std::exchange(frame_, nullptr)->frame().destroy();
  }

  /// The coroutine, for the library's own use, as release() is.
  [[nodiscard]] const promise_type* peek() const noexcept { return frame_; }
  /// Gives the frame away.
  [[nodiscard]] promise_type* release() noexcept { return std::exchange(frame_, nullptr); }

 private:
  friend promise_type;
  explicit Task(promise_type* frame) noexcept : frame_(frame) {}

  /// Ends a coroutine that was neither awaited nor scheduled.
  __attribute__((noinline)) void drop() noexcept {
    report_never_awaited();
    close();
  }
  void report_never_awaited() const noexcept {
    if (!detail::thread_state.never_awaited) [[likely]]
      return;
    const std::source_location& where = frame_->where_;
    detail::thread_state.never_awaited(where.function_name(), where.file_name(), where.line());
  }

  promise_type* frame_ = nullptr;
};

}  // namespace ASYNCIO_ABI

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object(std::source_location function) noexcept {
  this->where_ = function;
  return Task<T>(this);
}

}  // namespace detail

/// True for Task types: Python's iscoroutine().
template <class T>
inline constexpr bool iscoroutine_v = detail::TaskType<T>;

/// A callable that gives a Task: Python's iscoroutinefunction().
template <class F, class... Args>
concept CoroutineFunction =
    std::invocable<F, Args...> && detail::TaskType<std::invoke_result_t<F, Args...>>;

static_assert(Awaitable<Task<int>> && !Awaitable<Task<int>&> && !Awaitable<int>);

}  // namespace asyncio

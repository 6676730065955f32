// AsyncGenerator: a coroutine that gives values one by one and may await in between.
// Reference: PEP 525; https://docs.python.org/3/reference/expressions.html#asynchronous-generator-functions
#pragma once

#include <asyncio/tasks/generator_frame.hpp>

namespace asyncio {
namespace detail {

/// What a yield gives back inside the body.
template <class Sent>
struct YieldResult {
  using type = std::optional<Sent>;
};
template <>
struct YieldResult<void> {
  using type = void;
};

/// The promise of an AsyncGenerator.
template <class T, class Sent>
class GeneratorPromise final : public GeneratorPromiseBase {
 public:
  using Input = std::optional<stored_result_t<Sent>>;

  static_assert(std::is_object_v<T> && alignof(T) <= 16 && alignof(stored_result_t<Sent>) <= 16,
                "asyncio: a generator gives values, which may be aligned to 16 bytes at most; give "
                "a pointer instead of a reference, or a std::unique_ptr");

  class Yield {
   public:
    explicit Yield(GeneratorPromise& promise) noexcept : promise_(promise) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { promise_.return_to_awaiting(); }
    typename YieldResult<Sent>::type await_resume() const {
      promise_.throw_injected();
      if constexpr (!std::is_void_v<Sent>) return std::exchange(promise_.sent_, std::nullopt);
    }

   private:
    GeneratorPromise& promise_;
  };

  AsyncGenerator<T, Sent> get_return_object(
      std::source_location function = std::source_location::current()) noexcept;

  template <class U = T>
    requires std::constructible_from<T, U&&>
  Yield yield_value(U&& value, std::source_location line = std::source_location::current()) {
    where_ = line;
    value_.emplace(std::forward<U>(value));
    return Yield(*this);
  }

  std::optional<T> value_;  // between the yield and the one who awaits
  Input sent_;              // for the yield that is resumed
};

/// One step of a generator, inside the awaiting task, as a call is.
template <class T, class Sent>
class GeneratorStep final : public GeneratorStepBase {
 public:
  using Promise = GeneratorPromise<T, Sent>;

  GeneratorStep(GeneratorFrame& generator, const char* name, typename Promise::Input sent,
                std::exception_ptr injected)
      : GeneratorStepBase(generator, name),
        sent_(std::move(sent)),
        injected_(std::move(injected)) {}

  /// True: there is nothing to run, the generator has ended.
  bool await_ready() {
    if (!begin(sent_.has_value(), injected_)) return true;
    if constexpr (!std::is_void_v<Sent>) promise().sent_ = std::move(sent_);
    return false;
  }
  std::optional<T> await_resume() {
    if (!child()) return std::nullopt;
    std::optional<T> value = std::exchange(promise().value_, std::nullopt);
    end();
    return value;
  }

 private:
  Promise& promise() noexcept { return *static_cast<Promise*>(child_); }

  typename Promise::Input sent_;
  std::exception_ptr injected_;
};

/// What next() returns: the step is made when it is awaited.
template <class T, class Sent>
class [[nodiscard("co_await the step")]] GeneratorCall {
 public:
  using Step = GeneratorStep<T, Sent>;
  using Input = typename Step::Promise::Input;

  GeneratorCall(GeneratorFrame& generator, const char* name, Input sent = std::nullopt,
                std::exception_ptr injected = nullptr)
      : generator_(&generator),
        name_(name),
        sent_(std::move(sent)),
        injected_(std::move(injected)) {}

  Step operator co_await() {
    return Step(*generator_, name_, std::move(sent_), std::move(injected_));
  }

 private:
  GeneratorFrame* generator_;
  const char* name_;
  Input sent_;
  std::exception_ptr injected_;
};

}  // namespace detail

/// A coroutine that gives values with `co_yield` and may `co_await` in between:
/// `while (auto value = co_await numbers.next()) …`. Lazy: nothing runs before the first step. It
/// runs inside the task that awaits the step, in that task's context, and a cancellation of the task
/// is raised where the body is suspended. An exception that leaves the body is raised by the step
/// and ends the generator.
///
/// With `Sent`, `co_yield` gives a std::optional<Sent> inside the body: what asend() was given.
/// Lifetime: parameters taken by reference must outlive it. Destroying the object, or what it was
/// moved to, closes the generator at once: the locals of the body are destroyed where it stands, and
/// no statement of it is executed any more. A step under way is finished first.
/// Cost: one recycled frame; a step allocates nothing.
template <class T, class Sent>
class [[nodiscard(
    "asyncio: a generator does nothing until it is iterated: co_await its "
    "next()")]] AsyncGenerator {
  using Call = detail::GeneratorCall<T, Sent>;

 public:
  using promise_type = detail::GeneratorPromise<T, Sent>;
  using value_type = T;

  AsyncGenerator() noexcept = default;
  AsyncGenerator(AsyncGenerator&&) noexcept = default;
  AsyncGenerator& operator=(AsyncGenerator&&) noexcept = default;

  /// There may be more values: it has neither ended nor been closed.
  explicit operator bool() const noexcept { return frame_.get() != nullptr; }

  /// Runs the body to its next `co_yield` and gives the value; nothing once the body has ended.
  /// Throws: what leaves the body; RuntimeError while another step is under way.
  /// Cancellation: raised inside the body, where it may be caught; otherwise it ends the generator.
  /// Lifetime: the generator must not be moved or destroyed before the step is awaited.
  Call next() noexcept { return Call(frame_, "anext"); }

  /// next(), and the `co_yield` at which the body stands gives `value`.
  /// Throws: RuntimeError for a generator that has not reached a `co_yield` yet.
  template <class U = Sent>
    requires(!std::is_void_v<U>)
  Call asend(U value) {
    return Call(frame_, "asend", std::move(value));
  }

  /// next(), and the `co_yield` at which the body stands throws `error`. Before the first step the
  /// generator ends by it; one that has ended gives nothing.
  Call athrow(std::exception_ptr error) {
    return Call(frame_, "athrow", std::nullopt, std::move(error));
  }
  template <class E>
    requires(!std::convertible_to<E, std::exception_ptr>)
  Call athrow(E error) {
    return athrow(std::make_exception_ptr(std::move(error)));
  }

  /// Ends the generator by destroying its frame; Python's GeneratorExit is not raised. Idempotent.
  /// Never suspends. Throws: RuntimeError while a step is under way.
  [[nodiscard("co_await the close")]] detail::GeneratorClose aclose() noexcept {
    return detail::GeneratorClose(frame_);
  }

 private:
  friend promise_type;
  explicit AsyncGenerator(promise_type& promise) noexcept : frame_(promise) {}

  detail::GeneratorFrame frame_;
};

namespace detail {

template <class T, class Sent>
AsyncGenerator<T, Sent> GeneratorPromise<T, Sent>::get_return_object(
    std::source_location function) noexcept {
  this->where_ = function;
  return AsyncGenerator<T, Sent>(*this);
}

}  // namespace detail

}  // namespace asyncio

// How something ended, as a value: the result, or the exception.
// Reference: what gather(return_exceptions=True) puts into its list.
#pragma once

#include <asyncio/core/exceptions.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace asyncio {

/// Stands for the result of something that gives none, where a value is needed.
struct None {
  friend constexpr bool operator==(None, None) noexcept { return true; }
};

namespace detail {

/// A reference result, kept as a pointer; converts to the reference.
template <class T>
struct Reference {
  operator T&() const noexcept { return *target; }
  T* target;
};

template <class T>
struct StoredResult {
  using type = T;
};
template <>
struct StoredResult<void> {
  using type = None;
};
template <class T>
struct StoredResult<T&> {
  using type = Reference<T>;
};
/// What is kept for a result of type T.
template <class T>
using stored_result_t = typename StoredResult<T>::type;

}  // namespace detail

/// A result or an exception; empty until one of them is put in.
/// Cost: the size of the value or of a pointer, whichever is larger, and a byte.
template <class T>
class Outcome {
 public:
  using Stored = detail::stored_result_t<T>;

  Outcome() noexcept {}
  Outcome(Outcome&& other) noexcept(std::is_nothrow_move_constructible_v<Stored>) {
    take_from(std::move(other));
  }
  Outcome(const Outcome& other)
    requires std::is_copy_constructible_v<Stored>
  {
    if (other.kind_ == Kind::value) set_value(other.value_);
    if (other.kind_ == Kind::error) set_error(other.error_);
  }
  Outcome& operator=(Outcome other) noexcept(std::is_nothrow_move_constructible_v<Stored>) {
    reset();
    take_from(std::move(other));
    return *this;
  }
  ~Outcome() { reset(); }

  /// Holds a result.
  [[nodiscard]] bool has_value() const noexcept { return kind_ == Kind::value; }
  explicit operator bool() const noexcept { return has_value(); }
  /// Holds neither a result nor an exception yet.
  [[nodiscard]] bool empty() const noexcept { return kind_ == Kind::empty; }

  /// The result. Throws: the exception, if there is one.
  [[nodiscard]] std::add_lvalue_reference_t<Stored> value() & {
    require_value();
    return value_;
  }
  [[nodiscard]] std::add_lvalue_reference_t<const Stored> value() const& {
    require_value();
    return value_;
  }
  [[nodiscard]] Stored value() && {
    require_value();
    return std::move(value_);
  }

  /// The exception; null if there is a result.
  [[nodiscard]] std::exception_ptr error() const noexcept {
    return kind_ == Kind::error ? error_ : nullptr;
  }
  /// It ended by a CancelledError.
  [[nodiscard]] bool cancelled() const noexcept {
    return kind_ == Kind::error && detail::holds<CancelledError>(error_);
  }

  /// Puts a result in, made of `args`. Needs: nothing is in.
  template <class... Args>
  void set_value(Args&&... args) {
    std::construct_at(std::addressof(value_), std::forward<Args>(args)...);
    kind_ = Kind::value;
  }

  /// Puts an exception in, in the place of what was there.
  void set_error(std::exception_ptr error) noexcept {
    reset();  // a return value whose scope then threw is replaced
    std::construct_at(&error_, std::move(error));
    kind_ = Kind::error;
  }

  /// The result, as the awaiting expression gives it: moved out, a reference, or nothing.
  T take() {
    require_value();
    if constexpr (std::is_void_v<T>)
      return;
    else if constexpr (std::is_reference_v<T>)
      return static_cast<T>(*value_.target);
    else
      return std::move(value_);
  }

 private:
  enum class Kind : unsigned char { empty, value, error };

  ASYNCIO_ALWAYS_INLINE void require_value() const {
    if (kind_ != Kind::value) [[unlikely]]
      throw_instead();
  }
  [[noreturn]] __attribute__((noinline)) void throw_instead() const {
    if (kind_ == Kind::error) std::rethrow_exception(error_);
    throw InvalidStateError("asyncio: an Outcome was read that holds nothing yet");
  }

  void take_from(Outcome&& other) {
    if (other.kind_ == Kind::value) set_value(std::move(other.value_));
    if (other.kind_ == Kind::error) set_error(std::move(other.error_));
  }

  void reset() noexcept {
    if (kind_ == Kind::value) std::destroy_at(std::addressof(value_));
    if (kind_ == Kind::error) std::destroy_at(&error_);
    kind_ = Kind::empty;
  }

  union {
    Stored value_;              // alive while kind_ is value
    std::exception_ptr error_;  // alive while kind_ is error
  };
  Kind kind_ = Kind::empty;
};

}  // namespace asyncio

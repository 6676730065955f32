// The exceptions of asyncio, with Python's names; what is no std::exception here is no Exception there.
// Reference: https://docs.python.org/3/library/asyncio-exceptions.html
#pragma once

#include <asyncio/config.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <utility>

namespace asyncio {

/// The work was asked to stop. Not a std::exception, so that `catch (const std::exception&)`
/// does not swallow a cancellation; a handler that catches `...` rethrows it.
class CancelledError final {
 public:
  CancelledError() = default;
  explicit CancelledError(std::string message) : message_(std::move(message)) {}

  /// What cancel() was given; empty if nothing.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 private:
  std::string message_;
};

/// Ctrl-C, as run() reports it. Not a std::exception.
class KeyboardInterrupt final {};

/// Asks the program to end with `code`; run_main() returns it. Not a std::exception.
class SystemExit final {
 public:
  explicit SystemExit(int code = 0) noexcept : code_(code) {}
  /// What run_main() returns.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// Python's RuntimeError: a call at the wrong time or in the wrong place.
class RuntimeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A deadline passed. Its code() is std::errc::timed_out.
class TimeoutError : public std::system_error {
 public:
  TimeoutError() : TimeoutError("the operation timed out") {}
  explicit TimeoutError(const std::string& what)
      : std::system_error(std::make_error_code(std::errc::timed_out), what) {}
};

/// A future or task is not in the state that the call needs.
class InvalidStateError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A ContextVar without a value and without a default was read.
class LookupError : public std::out_of_range {
 public:
  using std::out_of_range::out_of_range;
};

/// The stream ended before the requested bytes had come.
class IncompleteReadError : public std::runtime_error {
 public:
  IncompleteReadError(std::string partial, std::optional<std::size_t> expected)
      : std::runtime_error(describe(partial.size(), expected)),
        partial_(std::move(partial)),
        expected_(expected) {}

  /// The bytes that were read before the end.
  [[nodiscard]] const std::string& partial() const noexcept { return partial_; }
  /// How many were asked for; nothing where a separator was.
  [[nodiscard]] std::optional<std::size_t> expected() const noexcept { return expected_; }

 private:
  static std::string describe(std::size_t got, std::optional<std::size_t> expected) {
    return std::to_string(got) + " bytes read on a total of " +
           (expected ? std::to_string(*expected) : std::string("undefined")) + " expected bytes";
  }

  std::string partial_;
  std::optional<std::size_t> expected_;
};

/// A separator was not found within the limit of a stream's buffer; nothing was consumed.
class LimitOverrunError : public std::runtime_error {
 public:
  LimitOverrunError(const std::string& what, std::size_t consumed)
      : std::runtime_error(what), consumed_(consumed) {}

  /// Bytes of the buffer that hold no separator.
  [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }

 private:
  std::size_t consumed_;
};

/// get_nowait() of an empty queue.
class QueueEmpty : public std::runtime_error {
 public:
  QueueEmpty() : std::runtime_error("the queue is empty") {}
};

/// put_nowait() into a full queue.
class QueueFull : public std::runtime_error {
 public:
  QueueFull() : std::runtime_error("the queue is full") {}
};

/// A queue was shut down.
class QueueShutDown : public std::runtime_error {
 public:
  QueueShutDown() : std::runtime_error("the queue was shut down") {}
};

/// A barrier was broken by abort() or reset().
class BrokenBarrierError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

/// The kernel cannot send that file by itself.
class SendfileNotAvailableError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

namespace detail {

/// The exception in flight in `error` is exactly an E (a final class). Does not throw: libstdc++
/// tells the type of a stored exception, and a rethrow would cost two microseconds.
template <class E>
[[nodiscard]] bool holds(const std::exception_ptr& error) noexcept {
  if (!error) return false;
#if defined(__GLIBCXX__)
  static const std::type_info* const wanted = std::make_exception_ptr(E{}).__cxa_exception_type();
  const std::type_info* const actual = error.__cxa_exception_type();
  return actual == wanted || *actual == *wanted;
#else
  try {
    std::rethrow_exception(error);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
#endif
}

/// KeyboardInterrupt or SystemExit: what stops the loop, from whichever task it comes.
[[nodiscard]] inline bool stops_the_loop(const std::exception_ptr& error) noexcept {
  return holds<KeyboardInterrupt>(error) || holds<SystemExit>(error);
}

/// Throws the CancelledError that `reason` holds, or a new one without a message.
[[noreturn]] inline void throw_cancelled(const std::exception_ptr& reason) {
  if (reason) std::rethrow_exception(reason);
  throw CancelledError();
}

/// What cancel(message) hands on: null for an empty message, which costs nothing.
[[nodiscard]] inline std::exception_ptr cancel_reason(std::string message) {
  if (message.empty()) return nullptr;
  return std::make_exception_ptr(CancelledError(std::move(message)));
}

}  // namespace detail
}  // namespace asyncio

// What the tests of tasks/ are made of: work that takes turns of the loop, and how things ended, as text.
#pragma once

#include <asyncio/asyncio.hpp>

#include <support/async_test.hpp>
#include <support/counted.hpp>

#include <optional>
#include <string>
#include <vector>

namespace asyncio_test {

using namespace std::chrono_literals;

/// Lets n turns of the loop pass.
inline asyncio::Task<> turns(int n) {
  for (int i = 0; i < n; ++i) {
    co_await asyncio::sleep(0s);
  }
}

/// Ends only by being cancelled.
inline asyncio::Task<> endless() { co_await asyncio::get_running_loop().create_future(); }

/// Gives `value` after n turns.
template <class T>
asyncio::Task<T> gives(T value, int n = 0) {
  co_await turns(n);
  co_return value;
}

/// Fails with std::invalid_argument after n turns.
template <class T = void>
asyncio::Task<T> fails(std::string what, int n = 0) {
  co_await turns(n);
  throw std::invalid_argument(what);
}

/// Waits to be cancelled and gives the CancelledError, so that the clean-up can await.
inline asyncio::Task<std::exception_ptr> cancellation() {
  const asyncio::Outcome<void> outcome = co_await asyncio::as_outcome(endless());
  co_return outcome.error();
}

/// Ends only by being cancelled, and needs n turns for that.
inline asyncio::Task<> cleans_up(int n) {
  const std::exception_ptr error = co_await cancellation();
  co_await turns(n);
  std::rethrow_exception(error);
}

/// Answers a cancellation with an error of its own.
inline asyncio::Task<> fails_when_cancelled(std::string what, int n = 0) {
  static_cast<void>(co_await cancellation());
  co_await fails(what, n);
}

/// An exception in a word: "CancelledError", "invalid_argument(text)", "ExceptionGroup[..., ...]".
inline std::string describe(const std::exception_ptr& error) {
  const auto members = [](const char* name, const asyncio::BaseExceptionGroup& group) {
    std::string result = name;
    for (const std::exception_ptr& member : group.exceptions()) {
      result += (&member == group.exceptions().data() ? "[" : ", ") + describe(member);
    }
    return result + "]";
  };
  try {
    std::rethrow_exception(error);
  } catch (const asyncio::CancelledError& e) {
    return "CancelledError" + (e.message().empty() ? "" : "(" + e.message() + ")");
  } catch (const asyncio::ExceptionGroup& e) {
    return members("ExceptionGroup", e);
  } catch (const asyncio::BaseExceptionGroup& e) {
    return members("BaseExceptionGroup", e);
  } catch (const asyncio::TimeoutError&) {
    return "TimeoutError";
  } catch (const asyncio::RuntimeError& e) {
    return std::string("RuntimeError(") + e.what() + ")";
  } catch (const std::invalid_argument& e) {
    return std::string("invalid_argument(") + e.what() + ")";
  } catch (const asyncio::SystemExit&) {
    return "SystemExit";
  } catch (const asyncio::KeyboardInterrupt&) {
    return "KeyboardInterrupt";
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "another exception";
  }
}

template <class T>
std::string describe(const asyncio::Outcome<T>& outcome) {
  return outcome.has_value() ? "a result" : describe(outcome.error());
}

/// How a future stands: "pending", "a result", or its exception.
inline std::string describe(const asyncio::AnyFuture& future) {
  if (!future.done()) {
    return "pending";
  }
  const std::exception_ptr error = future.shared_state()->failure();
  return (future.cancelled() ? "cancelled: " : "") + (error ? describe(error) : "a result");
}

/// Awaits something and says how it ended: "a result", or the exception.
template <class A>
asyncio::Task<std::string> ending(A awaitable) {
  const auto outcome = co_await asyncio::as_outcome(std::move(awaitable));
  co_return describe(outcome);
}

/// What nobody could catch, from here to the end of the scope.
class Reports {
 public:
  Reports() {
    asyncio::get_running_loop().set_exception_handler(
        [this](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
          messages_.push_back(std::string(context.message) +
                              (context.exception ? ": " + describe(context.exception) : ""));
        });
  }
  Reports(const Reports&) = delete;  // the loop points at it
  Reports& operator=(const Reports&) = delete;
  ~Reports() { asyncio::get_running_loop().set_exception_handler(nullptr); }

  const std::vector<std::string>& messages() const { return messages_; }

 private:
  std::vector<std::string> messages_;
};

/// The order in which things happened.
using Trace = std::vector<std::string>;

}  // namespace asyncio_test

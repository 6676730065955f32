// A failure that nobody can catch, and how it is printed when no exception handler is set.
// Reference: asyncio/base_events.py, default_exception_handler.
#pragma once

#include <cxxabi.h>
#include <asyncio/core/exceptions.hpp>
#include <asyncio/detail/ready_queue.hpp>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace asyncio::detail {

class FutureBase;

/// What went wrong where nobody could catch it; the loop's exception handler gets it.
struct FailureReport {
  std::string_view message;
  std::exception_ptr exception;
  FutureBase* future = nullptr;  ///< the future or task concerned
  ReadyNode* handle = nullptr;   ///< the callback concerned
  std::source_location where{};  ///< where the thing concerned was made; line 0: unknown
};

/// The name of the exception's type as C++ spells it.
[[nodiscard]] inline std::string type_name(const std::exception_ptr& error) {
#if defined(__GLIBCXX__)
  int status = 0;
  char* name = abi::__cxa_demangle(error.__cxa_exception_type()->name(), nullptr, nullptr, &status);
  std::string result = status == 0 ? name : "an exception";
  std::free(name);
  return result;
#else
  return error ? "an exception" : "nothing";
#endif
}

/// "type: text", for people.
[[nodiscard]] inline std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return type_name(error) + ": " + e.what();
  } catch (const CancelledError& e) {
    return type_name(error) + (e.message().empty() ? "" : ": " + e.message());
  } catch (...) {
    return type_name(error);
  }
}

/// Prints a failure to stderr.
inline void print_failure(const FailureReport& failure) noexcept {
  try {
    std::string text(failure.message);
    if (failure.exception) text += "\n  " + describe(failure.exception);
    if (failure.where.line() != 0)
      text += std::string("\n  made at ") + failure.where.file_name() + ':' +
              std::to_string(failure.where.line()) + " in " + failure.where.function_name();
    std::fprintf(stderr, "%s\n", text.c_str());
  } catch (...) {
    std::fputs("asyncio: a failure could not be described: out of memory\n", stderr);
  }
}

}  // namespace asyncio::detail

// The library's own assertion: for its invariants, and for contracts that no type can express.
#pragma once

#include <asyncio/config.hpp>
#include <cstdio>
#include <cstdlib>

namespace asyncio::detail {

/// Prints the sentence and aborts. Out of line, so that a check costs one compare and branch.
[[noreturn]] __attribute__((noinline, cold)) inline void assertion_failed(const char* sentence,
                                                                          const char* file,
                                                                          int line) {
  std::fprintf(stderr, "asyncio: %s (%s:%d)\n", sentence, file, line);
  std::abort();
}

}  // namespace asyncio::detail

/// Checks an invariant of the library or a contract of its caller that no type can express.
/// Kept in release builds: each is a compare on data that is already loaded.
#define ASYNCIO_ASSERT(condition, sentence) \
  (static_cast<bool>(condition)             \
       ? void(0)                            \
       : ::asyncio::detail::assertion_failed(sentence, __FILE__, __LINE__))

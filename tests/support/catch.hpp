// Catch2 3 or 2.13, whichever is installed, under one set of names.
#ifndef ASYNCIO_TESTS_SUPPORT_CATCH_HPP  // not #pragma once: this header is precompiled, and g++ then goes by the time of
#define ASYNCIO_TESTS_SUPPORT_CATCH_HPP  // the file, which a cached precompiled header does not share

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>
#else
#include <catch2/catch.hpp>

namespace Catch::Matchers {
// The names of version 3.
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Catch::Matchers

/// Ends the test case; CTest shows it as skipped. Works in coroutines too, since it throws.
#define SKIP(...)                        \
  do {                                   \
    WARN("SKIPPED: " << __VA_ARGS__);    \
    SUCCEED();                           \
    throw Catch::TestFailureException{}; \
  } while (false)
#endif

// Which sanitizer this is.
#if defined(__SANITIZE_THREAD__)
#define ASYNCIO_TEST_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ASYNCIO_TEST_UNDER_TSAN 1
#endif
#endif
#if !defined(ASYNCIO_TEST_UNDER_TSAN)
#define ASYNCIO_TEST_UNDER_TSAN 0
#endif

#endif  // ASYNCIO_TESTS_SUPPORT_CATCH_HPP

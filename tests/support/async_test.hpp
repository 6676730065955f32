// Tests whose body is a coroutine, run on every backend or on the virtual clock.
//
//   ASYNC_TEST("lock: a cancelled waiter does not lose the wake-up", "[LCK-04]") {
//     Lock lock;
//     const bool taken = co_await lock.acquire();   // not inside REQUIRE: Catch2 would copy the
//     co_await REQUIRE(taken);
//   }
//
// registers "... (io_uring)" and "... (epoll)". ASYNC_VIRTUAL_TEST registers one test on a virtual
// clock, where an hour's sleep takes no time.
#pragma once

#include <asyncio/core/run.hpp>
#include <asyncio/core/task.hpp>
#if __has_include(<asyncio/testing.hpp>)
#include <asyncio/testing.hpp>
#endif

#include <cstdint>
#include <cstdlib>
#include <string>

#include <support/catch.hpp>
#include <support/uring.hpp>

namespace asyncio_test {

using Body = asyncio::Task<> (*)();

/// Bodies that ran to their end. A body that was silently never entered does not raise it.
inline std::int64_t finished_bodies = 0;

inline asyncio::Task<> counted(Body body) {
  co_await body();
  ++finished_bodies;
}

inline void expect_one_more(std::int64_t before) {
  if (finished_bodies != before + 1) {
    FAIL("the test's body did not run to its end");
  }
}

inline void run_on(asyncio::Backend backend, Body body) {
  if (backend == asyncio::Backend::io_uring) {
    static const int refusal = uring_refusal();
    if (refusal != 0 && std::getenv("ASYNCIO_ALLOW_NO_URING") != nullptr) {
      SKIP("this kernel refuses io_uring, errno " + std::to_string(refusal));
    }
    if (refusal != 0) {
      FAIL("this kernel refuses io_uring, errno " << refusal
                                                  << "; ASYNCIO_ALLOW_NO_URING=1 skips its tests");
    }
  }
  const std::int64_t before = finished_bodies;
  asyncio::run(counted(body), asyncio::RunOptions{.backend = backend});
  expect_one_more(before);
}

#if __has_include(<asyncio/testing.hpp>)
inline void run_virtual(Body body) {
  const std::int64_t before = finished_bodies;
  asyncio::testing::run(counted(body), asyncio::testing::Options{});
  expect_one_more(before);
}
#endif

}  // namespace asyncio_test

#define ASYNCIO_TEST_PASTE_(a, b) a##b
#define ASYNCIO_TEST_PASTE(a, b) ASYNCIO_TEST_PASTE_(a, b)

#if ASYNCIO_HAS_URING
#define ASYNCIO_TEST_ON_URING(function, name, tags)                  \
  TEST_CASE(name " (io_uring)", tags "[io_uring]") {                 \
    ::asyncio_test::run_on(::asyncio::Backend::io_uring, &function); \
  }
#else
#define ASYNCIO_TEST_ON_URING(function, name, tags)
#endif

#define ASYNCIO_TEST_ON_BACKENDS(function, name, tags)            \
  static ::asyncio::Task<> function();                            \
  ASYNCIO_TEST_ON_URING(function, name, tags)                     \
  TEST_CASE(name " (epoll)", tags "[epoll]") {                    \
    ::asyncio_test::run_on(::asyncio::Backend::epoll, &function); \
  }                                                               \
  static ::asyncio::Task<> function()

#define ASYNCIO_TEST_ON_VIRTUAL_CLOCK(function, name, tags)                     \
  static ::asyncio::Task<> function();                                          \
  TEST_CASE(name, tags "[virtual]") { ::asyncio_test::run_virtual(&function); } \
  static ::asyncio::Task<> function()

/// ASYNC_TEST("name") or ASYNC_TEST("name", "[tags]"), followed by the coroutine's body: on
/// io_uring and on epoll.
#define ASYNC_TEST(name, ...) \
  ASYNCIO_TEST_ON_BACKENDS(ASYNCIO_TEST_PASTE(async_test_, __COUNTER__), name, "" __VA_ARGS__)

/// The same on the virtual clock of asyncio::testing::run().
#define ASYNC_VIRTUAL_TEST(name, ...) \
  ASYNCIO_TEST_ON_VIRTUAL_CLOCK(ASYNCIO_TEST_PASTE(async_test_, __COUNTER__), name, "" __VA_ARGS__)

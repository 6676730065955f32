#include <asyncio/detail/assert.hpp>

#include <csignal>

#include <support/catch.hpp>
#include <support/child.hpp>

namespace assert_test {

using namespace asyncio_test;

// That it aborts with its sentence is shown by tests/abort/assertion.cpp.

TEST_CASE("assertion: what holds costs one evaluation and says nothing", "[assert]") {
  int evaluations = 0;
  ASYNCIO_ASSERT(++evaluations == 1, "never seen");
  CHECK(evaluations == 1);
}

TEST_CASE("assertion: takes what converts to bool, and stands in an expression", "[assert]") {
  const int number = 1;
  const int* const pointer = &number;
  const bool after = (ASYNCIO_ASSERT(pointer, "never seen"), true);
  CHECK(after);
}

TEST_CASE("assertion: what does not hold ends the process by SIGABRT", "[assert]") {
  CHECK(in_child([] {
          std::signal(SIGABRT, SIG_DFL);  // Catch2 has a handler
          ::close(STDERR_FILENO);
          ASYNCIO_ASSERT(false, "nobody sees it");
          return 0;
        }) == -SIGABRT);
}

}  // namespace assert_test

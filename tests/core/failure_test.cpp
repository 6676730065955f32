#include <asyncio/core/failure.hpp>
//
#include <support/catch.hpp>

namespace failure_test {

using namespace asyncio;

TEST_CASE("failure: an exception is described by its type and text") {
  CHECK(detail::describe(std::make_exception_ptr(RuntimeError("no loop"))) ==
        "asyncio::RuntimeError: no loop");
  CHECK(detail::describe(std::make_exception_ptr(CancelledError("why"))) ==
        "asyncio::CancelledError: why");
  CHECK(detail::describe(std::make_exception_ptr(CancelledError())) == "asyncio::CancelledError");
  CHECK_THAT(detail::describe(std::make_exception_ptr(7)),
             Catch::Matchers::ContainsSubstring("int"));
}

}  // namespace failure_test

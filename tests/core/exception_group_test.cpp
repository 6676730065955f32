#include <asyncio/core/exception_group.hpp>
//
#include <support/catch.hpp>

namespace exception_group_test {

using namespace asyncio;

namespace {

template <class E, class... Args>
std::exception_ptr make(Args&&... args) {
  return std::make_exception_ptr(E(std::forward<Args>(args)...));
}

}  // namespace

TEST_CASE("exception group: holds a message and its members", "[EXC-09]") {
  const ExceptionGroup group("two", {make<RuntimeError>("a"), make<std::logic_error>("b")});
  CHECK(group.message() == "two");
  CHECK(group.exceptions().size() == 2);
  bool standard = false;
  try {
    throw group;
  } catch (const std::exception& error) {
    standard = true;
    CHECK_THAT(std::string(error.what()), Catch::Matchers::ContainsSubstring("two"));
  }
  CHECK(standard);
  CHECK_THROWS_AS(ExceptionGroup("none", {}), std::invalid_argument);
}

TEST_CASE("exception group: split by type keeps the nesting", "[EXC-09]") {
  const ExceptionGroup inner("inner", {make<RuntimeError>("a"), make<std::logic_error>("b")});
  const ExceptionGroup outer("outer",
                             {std::make_exception_ptr(inner), make<std::logic_error>("c")});
  const auto [matching, others] = outer.split<RuntimeError>();
  REQUIRE(matching);
  REQUIRE(others);
  CHECK(matching->exceptions().size() == 1);
  CHECK(others->exceptions().size() == 2);
  CHECK_THROWS_AS(std::rethrow_exception(matching->exceptions().front()), ExceptionGroup);
  CHECK_FALSE(outer.subgroup<std::bad_alloc>());
  CHECK(outer.subgroup<std::logic_error>()->exceptions().size() == 2);
}

TEST_CASE("exception group: one with a cancellation is no std::exception", "[EXC-09]") {
  CHECK_FALSE(std::is_base_of_v<std::exception, BaseExceptionGroup>);
  const BaseExceptionGroup group("base", {make<CancelledError>(), make<RuntimeError>("a")});
  CHECK(group.subgroup<CancelledError>()->exceptions().size() == 1);
}

}  // namespace exception_group_test

#include <asyncio/detail/function.hpp>
//
#include <memory>
#include <string>

#include <support/catch.hpp>
#include <support/counted.hpp>

namespace function_test {

using asyncio::detail::Function;

TEST_CASE("function: is empty until it gets a callable") {
  Function<int(int)> function;
  CHECK_FALSE(function);
  function = [](int n) { return n + 1; };
  CHECK(function);
  CHECK(function(1) == 2);
  function = nullptr;
  CHECK_FALSE(function);
}

TEST_CASE("function: takes callables that cannot be copied, and arguments that cannot either") {
  auto owned = std::make_unique<int>(4);
  Function<int(std::unique_ptr<int>)> function =
      [owned = std::move(owned)](std::unique_ptr<int> other) { return *owned + *other; };
  CHECK(function(std::make_unique<int>(3)) == 7);
}

TEST_CASE("function: keeps its state between calls, also when it is moved") {
  Function<int()> function = [n = 0]() mutable { return ++n; };
  CHECK(function() == 1);
  Function<int()> moved = std::move(function);
  CHECK_FALSE(function);
  CHECK(moved() == 2);
}

TEST_CASE("function: gives references through") {
  int target = 0;
  Function<int&(int&)> function = [](int& n) -> int& { return n; };
  function(target) = 5;
  CHECK(target == 5);
}

TEST_CASE("function: throws what the callable throws") {
  Function<void()> function = [] { throw std::string("boom"); };
  CHECK_THROWS_AS(function(), std::string);
}

TEST_CASE("function: destroys the callable once") {
  using Tag = struct FunctionTag;
  using Counted = asyncio_test::Counted<Tag>;
  Counted::count.reset();
  {
    Function<int()> a = [counted = Counted(3)] { return counted.value(); };
    Function<int()> b = std::move(a);
    CHECK(b() == 3);
    CHECK(Counted::count.alive() == 1);
    b = [] { return 0; };
  }
  CHECK(Counted::count.alive() == 0);
}

}  // namespace function_test

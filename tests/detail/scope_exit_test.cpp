#include <asyncio/detail/scope_exit.hpp>
//
#include <stdexcept>

#include <support/catch.hpp>

namespace scope_exit_test {

using asyncio::detail::ScopeExit;

TEST_CASE("scope exit: runs its function when the scope ends") {
  int runs = 0;
  {
    ScopeExit guard([&] { ++runs; });
    CHECK(runs == 0);
  }
  CHECK(runs == 1);
}

TEST_CASE("scope exit: runs its function when an exception leaves the scope") {
  int runs = 0;
  auto leave = [&] {
    ScopeExit guard([&] { ++runs; });
    throw std::runtime_error("out");
  };
  CHECK_THROWS(leave());
  CHECK(runs == 1);
}

}  // namespace scope_exit_test

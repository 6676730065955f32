#include <asyncio/process/redirection.hpp>

#include <support/catch.hpp>

#include <concepts>
#include <type_traits>
#include <vector>

namespace redirection_test {

using namespace asyncio;
using Kind = Redirection::Kind;

TEST_CASE("redirection: the default inherits", "[process][SUB-03]") {
  const SubprocessOptions options;
  CHECK(options.stdin_.kind() == Kind::inherit);
  CHECK(options.stderr_.kind() == Kind::inherit);
  CHECK(options.limit == 65536);
}

TEST_CASE("redirection: pipes, the null device and descriptors", "[process][SUB-03]") {
  const SubprocessOptions options{.stdin_ = PIPE, .stdout_ = DEVNULL, .stderr_ = 7};
  CHECK(options.stdin_.kind() == Kind::pipe);
  CHECK(options.stdout_.kind() == Kind::null_device);
  CHECK(options.stderr_.kind() == Kind::descriptor);
  CHECK(options.stderr_.fd() == 7);
}

TEST_CASE("redirection: STDOUT is for the standard error only", "[process][SUB-03]") {
  const SubprocessOptions options{.stderr_ = STDOUT};
  CHECK(options.stderr_.kind() == Kind::standard_output);
  STATIC_REQUIRE_FALSE(std::convertible_to<SameAsStdout, Redirection>);
  STATIC_REQUIRE(std::convertible_to<Redirection, ErrorRedirection>);
}

TEST_CASE("redirection: an environment may be any list of strings", "[process][SUB-01]") {
  const std::vector<std::string> variables{"A=1", "B=2"};
  const SubprocessOptions options{.env = variables};
  REQUIRE(options.env);
  CHECK(options.env->size() == 2);
  CHECK_FALSE(SubprocessOptions{}.env);
}

TEST_CASE("redirection: text modes cannot be asked for", "[process][SUB-04]") {
  // There is no option to set: streams give bytes.
  STATIC_REQUIRE(std::is_aggregate_v<SubprocessOptions>);
  STATIC_REQUIRE(std::is_trivially_destructible_v<SubprocessOptions>);
}

}  // namespace redirection_test

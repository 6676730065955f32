#include <asyncio/testing/script.hpp>
//
#include <support/catch.hpp>

namespace script_test {

using asyncio::testing::Script;

TEST_CASE("script: counts the answers that nothing asked for") {
  Script script;
  CHECK(script.unused() == 0);
  script.on("recv").reply("a").times(3);
  script.on("send").always();
  script.on("accept", 5).result(6);
  CHECK(script.unused() == 4);
}

TEST_CASE("script: begins with an empty log") {
  const Script script;
  CHECK(script.log().empty());
  CHECK(script.sent(1).empty());
}

}  // namespace script_test

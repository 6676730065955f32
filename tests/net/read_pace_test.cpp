#include <asyncio/net/read_pace.hpp>

#include <support/catch.hpp>

namespace read_pace_test {

using asyncio::detail::ReadPace;

TEST_CASE("read pace: grows while reads are full, to a limit, and shrinks when they stay small",
          "[TRN-11]") {
  ReadPace pace;
  REQUIRE(pace.size() == ReadPace::smallest);
  for (int i = 0; i < 10; ++i) pace.note(pace.size(), pace.size());
  REQUIRE(pace.size() == ReadPace::largest);
  pace.note(10, pace.size());
  pace.note(pace.size() / 2, pace.size());
  pace.note(10, pace.size());
  REQUIRE(pace.size() == ReadPace::largest);  // one small read is not enough
  pace.note(10, pace.size());
  REQUIRE(pace.size() == ReadPace::largest / 2);
  for (int i = 0; i < 100; ++i) pace.note(10, pace.size());
  REQUIRE(pace.size() == ReadPace::smallest);
}

TEST_CASE("read pace: only so many reads at once before a wait", "[W-18]") {
  ReadPace pace;
  for (int i = 0; i < 16; ++i) REQUIRE(pace.may_try_at_once());
  REQUIRE_FALSE(pace.may_try_at_once());
  pace.waited();
  REQUIRE(pace.may_try_at_once());
}

}  // namespace read_pace_test

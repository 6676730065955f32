#include <asyncio/testing/random.hpp>
//
#include <set>

#include <support/catch.hpp>

namespace random_test {

using asyncio::testing::Random;

TEST_CASE("random: a seed determines the sequence, on every machine") {
  Random random(1234567);
  CHECK(random.next() == 6457827717110365317u);  // from the reference implementation
  CHECK(random.next() == 3203168211198807973u);
  Random again(1234567);
  CHECK(again.next() == 6457827717110365317u);
}

TEST_CASE("random: below() reaches every number under its bound and no other") {
  Random random(1);
  std::set<std::size_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
  CHECK(seen == std::set<std::size_t>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("random: one_in() is true about that often") {
  Random random(1);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.one_in(4);
  CHECK(hits > 2'300);
  CHECK(hits < 2'700);
}

}  // namespace random_test

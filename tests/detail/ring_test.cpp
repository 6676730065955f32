#include <asyncio/detail/ring.hpp>

#include <support/catch.hpp>
#include <support/counted.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace ring_test {

using asyncio::detail::Ring;

namespace {

TEST_CASE("ring: first in, first out, over many rounds") {
  Ring<int> ring;
  int put = 0, taken = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < round % 13; ++i) ring.push_back(put++);
    for (int i = 0; i < round % 11 && !ring.empty(); ++i) {
      REQUIRE(ring.front() == taken++);
      ring.pop_front();
    }
  }
  CHECK(ring.size() == static_cast<std::size_t>(put - taken));
  for (; !ring.empty(); ring.pop_front()) REQUIRE(ring.front() == taken++);
  CHECK(taken == put);
}

TEST_CASE("ring: grows while it is wrapped around") {
  Ring<std::string> ring;
  for (int i = 0; i < 6; ++i) ring.push_back(std::to_string(i));
  for (int i = 0; i < 5; ++i) ring.pop_front();
  for (int i = 6; i < 40; ++i) ring.push_back(std::to_string(i));
  for (int i = 5; i < 40; ++i, ring.pop_front()) REQUIRE(ring.front() == std::to_string(i));
  CHECK(ring.empty());
}

TEST_CASE("ring: holds what can only be moved, and destroys what is left") {
  auto alive = std::make_shared<int>();
  {
    Ring<std::unique_ptr<std::shared_ptr<int>>> ring;
    for (int i = 0; i < 10; ++i) ring.push_back(std::make_unique<std::shared_ptr<int>>(alive));
    ring.pop_front();
    CHECK(alive.use_count() == 10);
    ring.clear();
    CHECK(alive.use_count() == 1);
    ring.push_back(std::make_unique<std::shared_ptr<int>>(alive));
  }
  CHECK(alive.use_count() == 1);
}

/// Copying it fails once a counter is down.
struct Fragile {
  explicit Fragile(int v) : value(v) {}
  Fragile(const Fragile& other) : value(other.value) {
    if (--copies_left == 0) throw std::runtime_error("cannot copy");
  }
  Fragile(Fragile&& other) : Fragile(static_cast<const Fragile&>(other)) {}
  int value;
  static inline int copies_left = 0;
};

TEST_CASE("ring: a push that fails changes nothing") {
  Fragile::copies_left = 1000;
  Ring<Fragile> ring;
  for (int i = 0; i < 8; ++i) ring.push_back(Fragile(i));
  Fragile::copies_left = 4;  // in the midst of growing
  CHECK_THROWS_AS(ring.push_back(Fragile(8)), std::runtime_error);
  Fragile::copies_left = 1000;
  CHECK(ring.size() == 8);
  for (int i = 0; i < 8; ++i, ring.pop_front()) CHECK(ring.front().value == i);
}

}  // namespace

}  // namespace ring_test

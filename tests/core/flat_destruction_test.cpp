#include <asyncio/core/flat_destruction.hpp>
//
#include <memory>

#include <support/catch.hpp>

namespace flat_destruction_test {

using asyncio::detail::destroy_flat;

namespace {

int depth = 0;
int deepest = 0;
int destroyed = 0;

/// A link of a chain that counts how far its destructors nest.
struct Link {
  explicit Link(std::unique_ptr<Link> link) : next(std::move(link)) {}
  Link(const Link&) = delete;  // counted
  Link& operator=(const Link&) = delete;
  ~Link() {
    ++depth;
    deepest = std::max(deepest, depth);
    ++destroyed;
    if (next) destroy_flat(std::move(next));
    --depth;
  }
  std::unique_ptr<Link> next;
};

TEST_CASE("destroy_flat: a long chain ends link by link") {
  depth = deepest = destroyed = 0;
  std::unique_ptr<Link> chain;
  for (int i = 0; i < 100'000; ++i) chain = std::make_unique<Link>(std::move(chain));
  destroy_flat(std::move(chain));
  CHECK(destroyed == 100'000);
  CHECK(deepest == 1);
}

TEST_CASE("destroy_flat: all is gone when the outermost call returns") {
  auto shared = std::make_shared<int>(1);
  destroy_flat(std::make_unique<std::shared_ptr<int>>(shared));
  CHECK(shared.use_count() == 1);
  destroy_flat(std::unique_ptr<int>());
}

}  // namespace

}  // namespace flat_destruction_test

#include <asyncio/net/connection_owner.hpp>

#include <asyncio/detail/ref.hpp>

#include <support/catch.hpp>

namespace connection_owner_test {

using asyncio::detail::Connection;
using asyncio::detail::ConnectionOwner;
using asyncio::detail::Ref;

namespace {

struct Owner final : ConnectionOwner {
  explicit Owner(bool& flag) : destroyed(flag) {}
  ~Owner() override { destroyed = true; }
  void connection_lost(Connection&) noexcept override {}
  bool& destroyed;
};

}  // namespace

TEST_CASE("connection owner: lives as long as somebody refers to it", "[SVR-16]") {
  bool destroyed = false;
  Ref<ConnectionOwner> first(new Owner(destroyed));
  Ref<ConnectionOwner> second = first;
  first = {};
  REQUIRE_FALSE(destroyed);
  second = {};
  REQUIRE(destroyed);
}

}  // namespace connection_owner_test

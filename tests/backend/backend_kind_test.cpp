#include <asyncio/backend/backend_kind.hpp>
#include <asyncio/fwd.hpp>

#include <type_traits>

#include <support/catch.hpp>

namespace backend_kind_test {

using asyncio::Backend;

TEST_CASE("backend kind: what nobody chose is automatic", "[backend][LOP-13]") {
  STATIC_REQUIRE(Backend{} == Backend::automatic);
}

TEST_CASE("backend kind: a number is no backend", "[backend][LOP-13]") {
  STATIC_REQUIRE(std::is_enum_v<Backend>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<int, Backend>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<bool, Backend>);
  STATIC_REQUIRE(Backend::io_uring != Backend::epoll);
}

}  // namespace backend_kind_test

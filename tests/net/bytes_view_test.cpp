#include <asyncio/net/bytes_view.hpp>

#include <support/catch.hpp>

#include <array>
#include <string>
#include <vector>

namespace bytes_view_test {

using asyncio::BytesView;

TEST_CASE("bytes view: converts from text and from raw bytes", "[SWR-01]") {
  const auto view = [](BytesView bytes) { return std::string(bytes.view()); };
  const std::string text = "text";
  const std::vector<std::byte> raw{std::byte{'r'}, std::byte{'a'}, std::byte{'w'}};
  REQUIRE(view("literal") == "literal");
  REQUIRE(view(text) == "text");
  REQUIRE(view(std::string_view("view")) == "view");
  REQUIRE(view(raw) == "raw");
  REQUIRE(view(std::span<const std::byte>(raw).first(2)) == "ra");
  REQUIRE(view(std::array<std::byte, 1>{std::byte{'x'}}) == "x");
  REQUIRE(BytesView().empty());
  static_assert(!std::convertible_to<int, BytesView>);
}

TEST_CASE("bytes view: keeps zero bytes", "[SWR-01]") {
  REQUIRE(BytesView(std::string("a\0b", 3)).size() == 3);
}

}  // namespace bytes_view_test

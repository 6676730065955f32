#include <asyncio/os/address.hpp>

#include <support/catch.hpp>

namespace address_test {

using asyncio::os::Address;
using namespace std::string_literals;

TEST_CASE("address: IPv4", "[os][address]") {
  const auto address = Address::from_numeric("127.0.0.1", 80);
  REQUIRE(address);
  REQUIRE(address->family() == AF_INET);
  REQUIRE(address->host() == "127.0.0.1");
  REQUIRE(address->port() == 80);
  REQUIRE(address->to_string() == "127.0.0.1:80");
  REQUIRE(address->size() == sizeof(sockaddr_in));
}

TEST_CASE("address: IPv6", "[os][address]") {
  const auto address = Address::from_numeric("::1", 8080);
  REQUIRE(address);
  REQUIRE(address->family() == AF_INET6);
  REQUIRE(address->to_string() == "[::1]:8080");
  REQUIRE(address->scope_id() == 0);
  REQUIRE(address->flow_info() == 0);
}

TEST_CASE("address: IPv6 with a scope", "[os][address]") {
  const auto by_name = Address::from_numeric("fe80::1%lo", 1);
  REQUIRE(by_name);
  REQUIRE(by_name->host() == "fe80::1%lo");
  const auto by_number = Address::from_numeric("fe80::1%" + std::to_string(by_name->scope_id()), 1);
  REQUIRE(by_number == by_name);
  REQUIRE(Address::from_numeric("fe80::1%12345678", 1)->host() == "fe80::1%12345678");
  REQUIRE_FALSE(Address::from_numeric("fe80::1%nothing", 1));
  REQUIRE_FALSE(Address::from_numeric("fe80::1%", 1));
  REQUIRE_FALSE(Address::from_numeric("fe80::1%99999999999999999999", 1));
}

TEST_CASE("address: a name is not a number", "[os][address]") {
  REQUIRE_FALSE(Address::from_numeric("localhost", 80));
  REQUIRE_FALSE(Address::from_numeric("", 80));
  REQUIRE_FALSE(Address::from_numeric("127.1", 80));
}

TEST_CASE("address: unix paths", "[os][address]") {
  const auto address = Address::from_unix_path("/run/x.sock");
  REQUIRE(address.family() == AF_UNIX);
  REQUIRE(address.host() == "/run/x.sock");
  REQUIRE(address.to_string() == "/run/x.sock");
  REQUIRE(address.port() == 0);
  const std::string longest(107, 'a');
  REQUIRE(Address::from_unix_path(longest).host() == longest);
  REQUIRE_THROWS_AS(Address::from_unix_path(longest + "a"), std::invalid_argument);
  REQUIRE_THROWS_AS(Address::from_unix_path("/run\0x"s), std::invalid_argument);
}

TEST_CASE("address: unix names in the abstract namespace", "[os][address]") {
  const auto address = Address::from_unix_path("\0name"s);
  REQUIRE(address.host() == "\0name"s);
  REQUIRE(address.to_string() == "@name");
  REQUIRE(address.size() == offsetof(sockaddr_un, sun_path) + 5);
  REQUIRE(Address::from_unix_path("\0"s + std::string(107, 'a')).host().size() == 108);
}

TEST_CASE("address: without a name", "[os][address]") {
  REQUIRE(Address().family() == AF_UNSPEC);
  REQUIRE(Address().to_string().empty());
  const sockaddr_un unnamed{.sun_family = AF_UNIX, .sun_path = {}};
  // Safe because a sockaddr_un starts as a sockaddr.
  const auto address =
      Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&unnamed), sizeof(sa_family_t));
  REQUIRE(address.family() == AF_UNIX);
  REQUIRE(address.to_string().empty());
}

TEST_CASE("address: is a value", "[os][address]") {
  const auto first = Address::from_numeric("127.0.0.1", 80);
  const auto copy = Address::from_sockaddr(first->data(), first->size());
  REQUIRE(copy == *first);
  REQUIRE_FALSE(copy == *Address::from_numeric("127.0.0.1", 81));
  REQUIRE_FALSE(copy == *Address::from_numeric("::1", 80));
}

}  // namespace address_test

#include <asyncio/os/multicast.hpp>

#include <support/catch.hpp>

namespace multicast_test {

namespace os = asyncio::os;
using os::Address;

TEST_CASE("multicast: an interface has a number, an unknown one an error that names it",
          "[os][multicast]") {
  REQUIRE(os::interface_index("") == 0);
  REQUIRE(os::interface_index("lo") != 0);
  REQUIRE_THROWS_WITH(os::interface_index("no-such"), "interface no-such: No such device");
}

TEST_CASE("multicast: options of an IPv4 socket", "[os][multicast]") {
  const os::Fd fd = os::make_socket(AF_INET, SOCK_DGRAM);
  os::set_ttl(fd.get(), 5);
  os::set_multicast_ttl(fd.get(), 6);
  os::set_multicast_loop(fd.get(), false);
  os::set_multicast_interface(fd.get(), "lo");
  REQUIRE(os::get_option(fd.get(), IPPROTO_IP, IP_TTL) == 5);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IP, IP_MULTICAST_TTL) == 6);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IP, IP_MULTICAST_LOOP) == 0);
}

TEST_CASE("multicast: options of an IPv6 socket", "[os][multicast]") {
  const os::Fd fd = os::make_socket(AF_INET6, SOCK_DGRAM);
  os::set_ttl(fd.get(), 5);
  os::set_multicast_ttl(fd.get(), 6);
  os::set_multicast_loop(fd.get(), false);
  os::set_multicast_interface(fd.get(), "lo");
  REQUIRE(os::get_option(fd.get(), IPPROTO_IPV6, IPV6_UNICAST_HOPS) == 5);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS) == 6);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP) == 0);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_IF) ==
          static_cast<int>(os::interface_index("lo")));
}

TEST_CASE("multicast: joining and leaving, once each", "[os][multicast]") {
  for (const char* host : {"239.255.77.1", "ff01::77"}) {
    const Address group = *Address::from_numeric(host, 0);
    const os::Fd fd = os::make_socket(group.family(), SOCK_DGRAM);
    os::change_membership(fd.get(), os::Membership::join, group, "lo");
    os::change_membership(fd.get(), os::Membership::leave, group, "lo");
    REQUIRE_THROWS_WITH(os::change_membership(fd.get(), os::Membership::leave, group, "lo"),
                        std::string("leave ") + host + ": Cannot assign requested address");
  }
}

}  // namespace multicast_test

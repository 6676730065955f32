// Multicast groups and how far datagrams go. Each option has an IPv4 and an IPv6 name.
// Reference: ip(7), ipv6(7), RFC 3678.
#pragma once

#include <asyncio/os/socket.hpp>
#include <string>

#include <net/if.h>

namespace asyncio::os {

/// The number of a network interface; 0, which lets the kernel choose, for an empty name.
/// Throws: std::system_error that names it.
[[nodiscard]] inline unsigned interface_index(const std::string& name) {
  if (name.empty()) return 0;
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) {
    const int error = errno;
    throw_system_error(error, "interface " + name);
  }
  return index;
}

/// Sets the IPv4 or the IPv6 option, whichever the socket has.
inline void set_ip_option(int fd, int ipv4_name, int ipv6_name, int value) {
  if (get_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6)
    set_option(fd, IPPROTO_IPV6, ipv6_name, value);
  else
    set_option(fd, IPPROTO_IP, ipv4_name, value);
}

/// How many routers a datagram to one receiver may pass.
inline void set_ttl(int fd, int hops) { set_ip_option(fd, IP_TTL, IPV6_UNICAST_HOPS, hops); }
/// The same for a datagram to a group.
inline void set_multicast_ttl(int fd, int hops) {
  set_ip_option(fd, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, hops);
}
/// Whether members on this machine get what is sent to their group.
inline void set_multicast_loop(int fd, bool enabled) {
  set_ip_option(fd, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, enabled ? 1 : 0);
}

/// The interface by which datagrams to groups leave.
inline void set_multicast_interface(int fd, const std::string& name) {
  const unsigned index = interface_index(name);
  if (get_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6)
    return set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index));
  ip_mreqn request{};
  request.imr_ifindex = static_cast<int>(index);
  if (::setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) != 0)
    throw_system_error(errno, "setsockopt");
}

enum class Membership : int { join = MCAST_JOIN_GROUP, leave = MCAST_LEAVE_GROUP };

/// Joins or leaves `group` on an interface.
inline void change_membership(int fd, Membership change, const Address& group,
                              const std::string& interface_name) {
  group_req request{};
  request.gr_interface = interface_index(interface_name);
  std::memcpy(&request.gr_group, group.data(), group.size());
  const int level = group.family() == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (::setsockopt(fd, level, static_cast<int>(change), &request, sizeof request) != 0) {
    const int error = errno;
    throw_system_error(error, (change == Membership::join ? "join " : "leave ") + group.host());
  }
}

}  // namespace asyncio::os

// The address of a socket: IPv4, IPv6 or unix.
// Reference: Python's socket module, "Socket families".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace asyncio::os {

/// A sockaddr of any family, with its length. A plain value: copying is memcpy.
class Address {
 public:
  /// No address; family() is AF_UNSPEC.
  Address() noexcept = default;

  /// What the kernel or getaddrinfo(3) reported.
  static Address from_sockaddr(const sockaddr* address, socklen_t length) noexcept {
    Address result;
    result.size_ = std::min<socklen_t>(length, sizeof(sockaddr_storage));
    std::memcpy(&result.storage_, address, result.size_);
    return result;
  }

  /// "127.0.0.1", "::1" or "fe80::1%eth0" and a port; nullopt when `host` is a name.
  static std::optional<Address> from_numeric(std::string_view host, std::uint16_t port) {
    if (auto v4 = from_ipv4(host, port)) return v4;
    return from_ipv6(host, port);
  }

  /// A path, or a name in the abstract namespace, which starts with '\0'.
  /// Throws: std::invalid_argument when it does not fit in a sockaddr_un.
  static Address from_unix_path(std::string_view path) {
    sockaddr_un raw{};
    const bool abstract = !path.empty() && path.front() == '\0';
    const std::size_t limit = sizeof raw.sun_path - (abstract ? 0 : 1);  // 1: the final '\0'
    if (path.size() > limit) throw std::invalid_argument("AF_UNIX path too long");
    if (!abstract && path.find('\0') != path.npos) {
      throw std::invalid_argument("AF_UNIX path contains a NUL byte");
    }
    raw.sun_family = AF_UNIX;
    path.copy(raw.sun_path, path.size());
    const std::size_t used = offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1);
    return from(raw, static_cast<socklen_t>(used));
  }

  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }

  /// The number of the host, or the path of a unix socket ("" when it has none).
  [[nodiscard]] std::string host() const {
    if (family() == AF_INET) return ipv4_host();
    if (family() == AF_INET6) return ipv6_host();
    return unix_path();
  }

  /// The port; 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept {
    if (family() == AF_INET) return ntohs(as<sockaddr_in>().sin_port);
    if (family() == AF_INET6) return ntohs(as<sockaddr_in6>().sin6_port);
    return 0;
  }

  /// Third and fourth of Python's IPv6 tuple; 0 for other families.
  [[nodiscard]] std::uint32_t flow_info() const noexcept {
    return family() == AF_INET6 ? ntohl(as<sockaddr_in6>().sin6_flowinfo) : 0;
  }
  [[nodiscard]] std::uint32_t scope_id() const noexcept {
    return family() == AF_INET6 ? as<sockaddr_in6>().sin6_scope_id : 0;
  }

  /// For people: "127.0.0.1:80", "[::1]:80", "/run/x.sock", "@abstract".
  [[nodiscard]] std::string to_string() const {
    if (family() == AF_INET) return host() + ":" + std::to_string(port());
    if (family() == AF_INET6) return "[" + host() + "]:" + std::to_string(port());
    std::string path = unix_path();
    if (!path.empty() && path.front() == '\0') path.front() = '@';
    return path;
  }

  [[nodiscard]] const sockaddr* data() const noexcept {
    // Safe because every sockaddr type starts with the family, and the kernel copies bytes.
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

  /// For calls that store an address: the whole room, and afterwards what they stored.
  [[nodiscard]] sockaddr* storage() noexcept { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] static constexpr socklen_t capacity() noexcept { return sizeof(sockaddr_storage); }
  void resize(socklen_t size) noexcept { size_ = std::min(size, capacity()); }

  friend bool operator==(const Address& a, const Address& b) noexcept {
    return a.size_ == b.size_ && std::memcmp(&a.storage_, &b.storage_, a.size_) == 0;
  }

 private:
  template <class Sockaddr>
  static Address from(const Sockaddr& raw, socklen_t length = sizeof(Sockaddr)) noexcept {
    Address result;
    std::memcpy(&result.storage_, &raw, sizeof raw);
    result.size_ = length;
    return result;
  }

  template <class Sockaddr>
  [[nodiscard]] Sockaddr as() const noexcept {
    Sockaddr raw;
    std::memcpy(&raw, &storage_, sizeof raw);
    return raw;
  }

  static std::optional<Address> from_ipv4(std::string_view host, std::uint16_t port) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_port = htons(port);
    if (::inet_pton(AF_INET, std::string(host).c_str(), &raw.sin_addr) != 1) return std::nullopt;
    return from(raw);
  }

  static std::optional<Address> from_ipv6(std::string_view host, std::uint16_t port) {
    const std::size_t percent = host.find('%');
    sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    raw.sin6_port = htons(port);
    const std::string number(host.substr(0, percent));
    if (::inet_pton(AF_INET6, number.c_str(), &raw.sin6_addr) != 1) return std::nullopt;
    if (percent != host.npos) {
      raw.sin6_scope_id = scope_from(std::string(host.substr(percent + 1)));
      if (raw.sin6_scope_id == 0) return std::nullopt;
    }
    return from(raw);
  }

  /// An interface's name or number; 0 when there is none such.
  static std::uint32_t scope_from(const std::string& scope) noexcept {
    if (const unsigned index = ::if_nametoindex(scope.c_str())) return index;
    std::uint32_t number = 0;
    for (const char digit : scope) {
      if (digit < '0' || digit > '9' || number > 99'999'999) return 0;
      number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    return number;
  }

  [[nodiscard]] std::string ipv4_host() const {
    char text[INET_ADDRSTRLEN] = "";
    const auto raw = as<sockaddr_in>();
    ::inet_ntop(AF_INET, &raw.sin_addr, text, sizeof text);
    return text;
  }

  [[nodiscard]] std::string ipv6_host() const {
    char text[INET6_ADDRSTRLEN] = "";
    const auto raw = as<sockaddr_in6>();
    ::inet_ntop(AF_INET6, &raw.sin6_addr, text, sizeof text);
    std::string result = text;
    if (raw.sin6_scope_id == 0) return result;
    char name[IF_NAMESIZE] = "";
    if (::if_indextoname(raw.sin6_scope_id, name) != nullptr) return result + "%" + name;
    return result + "%" + std::to_string(raw.sin6_scope_id);
  }

  [[nodiscard]] std::string unix_path() const {
    constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
    if (family() != AF_UNIX || size_ <= start) return {};
    const auto raw = as<sockaddr_un>();
    const std::string path(raw.sun_path, std::min(size_ - start, sizeof raw.sun_path));
    if (path.front() == '\0') return path;
    return path.substr(0, path.find('\0'));
  }

  sockaddr_storage storage_{};  ///< zero behind the address, so that bytes can be compared
  socklen_t size_ = 0;
};

static_assert(std::is_trivially_copyable_v<Address>);

}  // namespace asyncio::os

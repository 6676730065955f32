// getaddrinfo() and getnameinfo(): names to addresses and back, without blocking the loop.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.getaddrinfo
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/net/resolver_pool.hpp>
#include <asyncio/os/address.hpp>
#include <asyncio/os/error.hpp>
#include <cerrno>

#include <netdb.h>

namespace asyncio {

using os::Address;

/// The category of what getaddrinfo(3) and getnameinfo(3) report: EAI_NONAME and its like.
[[nodiscard]] inline const std::error_category& gai_category() noexcept {
  class Category final : public std::error_category {
   public:
    [[nodiscard]] const char* name() const noexcept override { return "getaddrinfo"; }
    [[nodiscard]] std::string message(int error) const override { return ::gai_strerror(error); }
  };
  static const Category category;
  return category;
}

/// A port by number or by the name of a service ("http"). Converts from both.
class Port {
 public:
  /// Throws: std::invalid_argument unless it is between 0 and 65535.
  template <std::integral N>
  constexpr Port(N number) : number_(static_cast<std::uint16_t>(number)) {
    if (std::cmp_less(number, 0) || std::cmp_greater(number, 65535))
      throw std::invalid_argument("port must be 0-65535.");
  }
  constexpr Port(std::string_view service) noexcept : service_(service) {}
  constexpr Port(const char* service) noexcept : service_(service) {}

  /// The number in decimal, or the name.
  [[nodiscard]] std::string to_string() const {
    return service_.empty() ? std::to_string(number_) : std::string(service_);
  }

 private:
  std::uint16_t number_ = 0;
  std::string_view service_;  // empty: the number counts
};

/// What getaddrinfo() is asked for; the fields and their values are those of struct addrinfo.
struct AddressQuery {
  int family = AF_UNSPEC;
  int type = 0;  ///< 0: one answer for each type
  int protocol = 0;
  int flags = 0;  ///< AI_*
};
static_assert(std::is_trivially_destructible_v<AddressQuery>);

/// One answer of getaddrinfo().
struct AddressInfo {
  int family = AF_UNSPEC;
  int type = 0;
  int protocol = 0;
  std::string canonical_name;  ///< of the first answer, if AI_CANONNAME was asked for
  Address address;
};

/// The answer of getnameinfo().
struct NameInfo {
  std::string host;
  std::string service;
};

namespace detail {

[[noreturn]] inline void throw_gai_error(int error, int system_error, const std::string& what) {
  if (error == EAI_SYSTEM) os::throw_system_error(system_error, what);
  throw std::system_error(error, gai_category(), what);
}

/// getaddrinfo(3).
class AddressLookup final : public Lookup {
 public:
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  /// Tests put something here that blocks or fails.
  static inline Function function = &::getaddrinfo;

  AddressLookup(std::string host, std::string service, const AddressQuery& query)
      : host_(std::move(host)), service_(std::move(service)) {
    hints_.ai_family = query.family;
    hints_.ai_socktype = query.type;
    hints_.ai_protocol = query.protocol;
    hints_.ai_flags = query.flags;
  }
  ~AddressLookup() override {
    if (found_) ::freeaddrinfo(found_);
  }

  void run() noexcept override {
    error_ = function(host_.empty() ? nullptr : host_.c_str(),
                      service_.empty() ? nullptr : service_.c_str(), &hints_, &found_);
    system_error_ = errno;
  }
  /// Needs no name server and no file.
  void run_numeric() noexcept {
    hints_.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    error_ = ::getaddrinfo(host_.c_str(), service_.c_str(), &hints_, &found_);
    system_error_ = errno;
  }

  /// Throws: std::system_error that names the host.
  [[nodiscard]] std::vector<AddressInfo> result() const {
    if (error_ != 0) throw_gai_error(error_, system_error_, "getaddrinfo of " + host_);
    std::vector<AddressInfo> answers;
    for (const addrinfo* entry = found_; entry; entry = entry->ai_next) {
      answers.push_back({entry->ai_family, entry->ai_socktype, entry->ai_protocol,
                         entry->ai_canonname ? entry->ai_canonname : "",
                         Address::from_sockaddr(entry->ai_addr, entry->ai_addrlen)});
    }
    return answers;
  }

 private:
  std::string host_;
  std::string service_;
  addrinfo hints_{};
  addrinfo* found_ = nullptr;
  int error_ = 0;
  int system_error_ = 0;  // errno, for EAI_SYSTEM
};

/// getnameinfo(3).
class NameLookup final : public Lookup {
 public:
  NameLookup(const Address& address, int flags) noexcept : address_(address), flags_(flags) {}

  void run() noexcept override {
    error_ = ::getnameinfo(address_.data(), address_.size(), host_, sizeof host_, service_,
                           sizeof service_, flags_);
    system_error_ = errno;
  }
  [[nodiscard]] NameInfo result() const {
    if (error_ != 0)
      throw_gai_error(error_, system_error_, "getnameinfo of " + address_.to_string());
    return {host_, service_};
  }

 private:
  Address address_;
  int flags_;
  char host_[NI_MAXHOST] = "";
  char service_[NI_MAXSERV] = "";
  int error_ = 0;
  int system_error_ = 0;
};

/// Runs a lookup on the loop's pool. Cancelled, it leaves the lookup to itself.
template <class L>
Task<> run_on_pool(std::shared_ptr<L> lookup) {
  get_running_loop().service<ResolverPool>().start(lookup);
  while (!lookup->is_done) co_await lookup->waiters.wait();
}

[[nodiscard]] inline bool is_number(std::string_view text) noexcept {
  return text.find_first_not_of("0123456789") == text.npos;
}

template <class OnDemand = void>
Task<std::vector<AddressInfo>> resolve(std::string host, std::string service, AddressQuery query) {
  auto lookup = std::make_shared<AddressLookup>(host, service, query);
  if (Address::from_numeric(host, 0) && is_number(service))
    lookup->run_numeric();
  else
    co_await run_on_pool(lookup);
  co_return lookup->result();
}

template <class OnDemand = void>
Task<NameInfo> look_up_name(Address address, int flags) {
  auto lookup = std::make_shared<NameLookup>(address, flags);
  constexpr int numeric = NI_NUMERICHOST | NI_NUMERICSERV;
  if ((flags & numeric) == numeric)
    lookup->run();
  else
    co_await run_on_pool(lookup);
  co_return lookup->result();
}

}  // namespace detail

/// Gives the addresses of `host` and `port`, in the resolver's order. A numeric host with a numeric
/// port is answered at once; anything else by one of four threads that do nothing else, so that
/// neither user code in threads nor a stuck name server is in the way of the other.
/// An empty host: every address of this machine (with AI_PASSIVE) or the loopback.
/// Throws: std::system_error of gai_category().
/// Cancellation: at once; what the thread finds is dropped.
template <class OnDemand = void>
[[nodiscard]] Task<std::vector<AddressInfo>> getaddrinfo(std::string_view host, Port port,
                                                         const AddressQuery& query = {}) {
  return detail::resolve(std::string(host), port.to_string(), query);
}

/// Gives the names of an address and its port. `flags`: NI_*.
/// Throws: std::system_error of gai_category(). Cancellation: as getaddrinfo().
template <class OnDemand = void>
[[nodiscard]] Task<NameInfo> getnameinfo(const Address& address, int flags = 0) {
  return detail::look_up_name(address, flags);
}

}  // namespace asyncio

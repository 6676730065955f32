// open_connection(): a connection to a name, as two streams.
// Reference: https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_connection
#pragma once

#include <asyncio/core/exception_group.hpp>
#include <asyncio/net/resolve.hpp>
#include <asyncio/net/stream_writer.hpp>
#include <asyncio/tasks/staggered_race.hpp>
#include <deque>

namespace asyncio {

/// Where a connection starts from. Port 0: any.
struct LocalAddress {
  std::string_view host{};  ///< empty: wherever the kernel likes
  std::uint16_t port = 0;
};

/// How open_connection() connects.
struct OpenConnectionOptions {
  std::size_t limit = 64 * 1024;  ///< of the reader, see StreamReader::readuntil()
  /// How long an attempt has for itself before the next address is tried beside it; nullopt: one
  /// after the other. Differs from Python: on by default, as RFC 8305 wants it.
  std::optional<LoopDuration> happy_eyeballs_delay = std::chrono::milliseconds(250);
  /// So many addresses of the first family come first, then the families take turns; 0: the
  /// resolver's order. Unset: 1 with a delay, 0 without.
  std::optional<std::size_t> interleave{};
  LocalAddress local_addr{};
  int family = AF_UNSPEC;
  bool all_errors = false;  ///< a failure is an ExceptionGroup of all attempts' errors
};
static_assert(std::is_trivially_destructible_v<OpenConnectionOptions>);

namespace detail {

/// The families take turns; each keeps its order. Python: _interleave_addrinfos.
[[nodiscard]] inline std::vector<AddressInfo> interleave_addresses(
    std::vector<AddressInfo> addresses, std::size_t first_family_count) {
  std::vector<std::deque<AddressInfo>> families;
  for (AddressInfo& address : addresses) {
    auto same = [&](const auto& group) { return group.front().family == address.family; };
    auto group = std::find_if(families.begin(), families.end(), same);
    if (group == families.end()) group = families.insert(group, std::deque<AddressInfo>());
    group->push_back(std::move(address));
  }
  std::vector<AddressInfo> result;
  auto take_from = [&](std::deque<AddressInfo>& group) {
    if (group.empty()) return;
    result.push_back(std::move(group.front()));
    group.pop_front();
  };
  while (!families.empty() && first_family_count > 1 && result.size() < first_family_count - 1 &&
         !families.front().empty())
    take_from(families.front());
  while (result.size() < addresses.size())
    for (auto& group : families) take_from(group);
  return result;
}

/// Binds to the first local address of the peer's family that can be bound.
inline void bind_local(Socket& socket, int family, const std::vector<AddressInfo>& candidates) {
  std::exception_ptr error;
  for (const AddressInfo& candidate : candidates) {
    if (candidate.family != family) continue;
    try {
      return socket.bind(candidate.address);
    } catch (const std::system_error&) {
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  os::throw_system_error(EADDRNOTAVAIL, "no matching local address with the family of the peer");
}

/// What all attempts of one open_connection() share.
struct ConnectPlan {
  std::vector<AddressInfo> addresses;
  std::vector<AddressInfo> local_addresses;  // empty: not bound
};

template <class OnDemand = void>
Task<Socket> connect_to(const ConnectPlan& plan, std::size_t index) {
  const AddressInfo& peer = plan.addresses[index];
  Socket socket(peer.family, peer.type, peer.protocol);
  if (!plan.local_addresses.empty()) bind_local(socket, peer.family, plan.local_addresses);
  co_await socket.connect(peer.address);
  co_return socket;
}

/// A callable for staggered_race().
class ConnectAttempt {
 public:
  ConnectAttempt(const ConnectPlan& plan, std::size_t index) noexcept
      : plan_(&plan), index_(index) {}
  template <class OnDemand = void>
  Task<Socket> operator()() const {
    return connect_to(*plan_, index_);
  }

 private:
  const ConnectPlan* plan_;
  std::size_t index_;
};

[[nodiscard]] inline std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown error";
  }
}

/// Python: create_connection's choice among the errors of the attempts.
[[noreturn]] inline void throw_connect_errors(std::vector<std::exception_ptr> errors, bool all) {
  std::erase(errors, nullptr);
  std::erase_if(errors, [](const std::exception_ptr& e) { return holds<CancelledError>(e); });
  if (errors.empty()) throw TimeoutError("create_connection failed");
  if (all) throw ExceptionGroup("create_connection failed", std::move(errors));
  const std::string first = text_of(errors.front());
  std::string joined = first;
  bool are_equal = true;
  for (std::size_t i = 1; i < errors.size(); ++i) {
    const std::string text = text_of(errors[i]);
    are_equal = are_equal && text == first;
    joined += ", " + text;
  }
  if (are_equal) std::rethrow_exception(errors.front());
  std::error_code code = std::make_error_code(std::errc::not_connected);
  try {
    std::rethrow_exception(errors.front());
  } catch (const std::system_error& e) {
    code = e.code();
  } catch (...) {
  }
  const std::string ending = ": " + code.message();  // which std::system_error adds once more
  if (joined.ends_with(ending)) joined.resize(joined.size() - ending.size());
  throw std::system_error(code, "Multiple exceptions: " + joined);
}

/// One attempt after the other. An error that is not the system's ends it at once (CON-05).
template <class OnDemand = void>
Task<Socket> connect_in_turn(const ConnectPlan& plan, bool all_errors) {
  std::vector<std::exception_ptr> errors;
  for (std::size_t index = 0; index < plan.addresses.size(); ++index) {
    try {
      Socket socket = co_await connect_to(plan, index);
      co_return socket;
    } catch (const std::system_error&) {
      errors.push_back(std::current_exception());
    }
  }
  throw_connect_errors(std::move(errors), all_errors);
}

template <class OnDemand = void>
Task<Socket> connect_staggered(const ConnectPlan& plan, Scheduler::duration delay,
                               bool all_errors) {
  std::vector<ConnectAttempt> attempts;
  for (std::size_t index = 0; index < plan.addresses.size(); ++index)
    attempts.emplace_back(plan, index);
  StaggeredResult<Socket> result = co_await staggered_race(std::move(attempts), delay);
  if (!result.value) throw_connect_errors(std::move(result.exceptions), all_errors);
  co_return std::move(*result.value);
}

/// Owns the names; see open_connection().
template <class OnDemand = void>
Task<Socket> connect_stream(std::string host, std::string service, std::string local_host,
                            OpenConnectionOptions options) {
  const AddressQuery query{.family = options.family, .type = SOCK_STREAM};
  ConnectPlan plan;
  plan.addresses = co_await resolve(std::move(host), std::move(service), query);
  if (!local_host.empty() || options.local_addr.port != 0) {
    AddressQuery local_query = query;
    local_query.flags = AI_PASSIVE;
    plan.local_addresses = co_await resolve(std::move(local_host),
                                            std::to_string(options.local_addr.port), local_query);
  }
  if (plan.addresses.empty())
    os::throw_system_error(EADDRNOTAVAIL, "getaddrinfo() returned nothing");
  const std::size_t interleave = options.interleave.value_or(options.happy_eyeballs_delay ? 1 : 0);
  if (interleave != 0) plan.addresses = interleave_addresses(std::move(plan.addresses), interleave);
  if (!options.happy_eyeballs_delay || plan.addresses.size() == 1) {
    Socket socket = co_await connect_in_turn(plan, options.all_errors);
    co_return socket;
  }
  Socket socket =
      co_await connect_staggered(plan, *options.happy_eyeballs_delay, options.all_errors);
  co_return socket;
}

template <class OnDemand = void>
Task<Streams> open_streams(std::string host, std::string service, std::string local_host,
                           OpenConnectionOptions options) {
  if (options.limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  Socket socket =
      co_await connect_stream(std::move(host), std::move(service), std::move(local_host), options);
  socket.set_no_delay();
  auto connection = Connection::make(get_running_loop(), socket.release(), options.limit);
  co_return make_streams(connection);
}

template <class OnDemand = void>
Task<Streams> open_streams_on(Socket socket, std::size_t limit) {
  require_stream(socket);
  if (limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  if (SocketView(socket.fileno()).family() != AF_UNIX) socket.set_no_delay();
  const std::string read_ahead = socket.take_read_ahead();
  auto connection = Connection::make(get_running_loop(), socket.release(), limit);
  if (!read_ahead.empty()) connection->feed(read_ahead);
  co_return make_streams(connection);
}

}  // namespace detail

/// Connects to `host` and `port` and gives a reader and a writer:
/// `auto [reader, writer] = co_await open_connection("example.org", 80);`
/// Addresses are tried as RFC 8305 says ("happy eyeballs"); sockets that did not win are closed.
/// Small writes are sent at once (TCP_NODELAY).
/// Throws: std::system_error "Connect call failed <address>", one that lists the texts if several
/// attempts failed for different reasons, an ExceptionGroup with all_errors, or what getaddrinfo()
/// throws.
/// Cancellation: closes every socket.
template <class OnDemand = void>
[[nodiscard]] Task<Streams> open_connection(std::string_view host, Port port,
                                            const OpenConnectionOptions& options = {}) {
  return detail::open_streams(std::string(host), port.to_string(),
                              std::string(options.local_addr.host), options);
}
/// The same on a stream socket that is connected, of any family; the streams own it from now on.
/// Of the options only `.limit` counts. Throws: std::invalid_argument for another kind of socket.
template <class OnDemand = void>
[[nodiscard]] Task<Streams> open_connection(Socket socket,
                                            const OpenConnectionOptions& options = {}) {
  return detail::open_streams_on(std::move(socket), options.limit);
}

}  // namespace asyncio

// start_server(): a server whose connections are served by a function of two streams.
// Reference: https://docs.python.org/3/library/asyncio-stream.html#asyncio.start_server
#pragma once

#include <asyncio/net/resolve.hpp>
#include <asyncio/net/server.hpp>

namespace asyncio {

/// How start_server() listens.
struct StartServerOptions {
  int backlog = 100;
  bool reuse_address = true;
  bool reuse_port = false;    ///< several processes or loops may listen on the port
  bool keep_alive = false;    ///< SO_KEEPALIVE of the listening sockets, inherited by connections
  bool start_serving = true;  ///< false: serve_forever() or Server::start_serving() does it
  std::size_t limit = 64 * 1024;  ///< of the readers, see StreamReader::readuntil()
  int family = AF_UNSPEC;
};
static_assert(std::is_trivially_destructible_v<StartServerOptions>);

/// A function that serves a connection: takes a StreamReader and a StreamWriter, returns a Task<>
/// or nothing.
template <class H>
concept StreamHandler =
    std::invocable<std::decay_t<H>&, StreamReader, StreamWriter> &&
    (std::same_as<std::invoke_result_t<std::decay_t<H>&, StreamReader, StreamWriter>, Task<>> ||
     std::is_void_v<std::invoke_result_t<std::decay_t<H>&, StreamReader, StreamWriter>>);

namespace detail {

/// Owns the user's handler.
template <class H>
class HandlerOf final : public ConnectionHandler {
 public:
  explicit HandlerOf(H handler) : handler_(std::move(handler)) {}

  void start(ServerState& server, const Context& context,
             const Ref<Connection>& connection) override {
    Context own = context.copy();
    if constexpr (std::is_void_v<std::invoke_result_t<H&, StreamReader, StreamWriter>>) {
      const ContextScope scope(own);
      call(connection);
    } else {
      own = own.share();
      const TaskOptions options{.context = &own};
      auto task = serve(Ref<HandlerOf>(this), Ref<ServerState>(&server), connection);
      static_cast<void>(server.loop().create_task(std::move(task), options));
    }
  }

 private:
  auto call(const Ref<Connection>& connection) {
    Streams streams = make_streams(connection);
    return handler_(std::move(streams.first), std::move(streams.second));
  }

  /// The body of a connection's task. Keeps the handler, whose captures the coroutine may use.
  static Task<> serve(Ref<HandlerOf> self, Ref<ServerState> server, Ref<Connection> connection) {
    const ServerState::Running running(*server);
    Outcome<void> outcome;
    try {
      Task<> body = self->call(connection);
      outcome = co_await as_outcome(std::move(body));
    } catch (...) {  // the call itself threw
      outcome.set_error(std::current_exception());
    }
    if (outcome.has_value()) co_return;
    connection->close();
    if (outcome.cancelled() || stops_the_loop(outcome.error())) outcome.take();
    server->report_handler(outcome.error());
  }

  H handler_;
};

/// A bound socket for each address. Python: create_server's loop.
[[nodiscard]] inline std::vector<os::Fd> bind_all(const std::vector<AddressInfo>& addresses,
                                                  const StartServerOptions& options) {
  std::vector<os::Fd> bound;
  std::exception_ptr unavailable;
  for (const AddressInfo& info : addresses) {
    os::Fd fd;
    try {
      fd = os::make_socket(info.family, info.type, info.protocol);
    } catch (const std::system_error&) {
      continue;  // Python: a family that this kernel lacks is skipped
    }
    if (options.reuse_address) os::set_reuse_address(fd.get());
    if (options.reuse_port) os::set_reuse_port(fd.get());
    if (options.keep_alive) os::set_keep_alive(fd.get());
    if (info.family == AF_INET6) os::set_v6_only(fd.get());
    try {
      os::bind(fd.get(), info.address);
    } catch (const std::system_error& error) {
      if (error.code().value() != EADDRNOTAVAIL) throw;
      unavailable = std::current_exception();
      continue;
    }
    bound.push_back(std::move(fd));
  }
  if (bound.empty() && unavailable) std::rethrow_exception(unavailable);
  if (bound.empty()) os::throw_system_error(EADDRNOTAVAIL, "could not bind on any address");
  return bound;
}

inline void add_new(std::vector<AddressInfo>& all, std::vector<AddressInfo> more) {
  for (AddressInfo& info : more) {
    auto same = [&](const AddressInfo& known) { return known.address == info.address; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(info));
  }
}

/// A server on sockets that are bound; `file` is removed when it closes, `accepted` is served first.
template <class Options>
[[nodiscard]] Server make_server(Ref<ConnectionHandler> handler, std::vector<os::Fd> fds,
                                 const Options& options, os::SocketFile file = {},
                                 std::vector<os::Fd> accepted = {}) {
  if (options.limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  Ref<ServerState> state(new ServerState(get_running_loop(), options.limit, std::move(handler)));
  state->remove_when_closed(std::move(file));
  state->keep_accepted(std::move(accepted));
  Server server(state);
  for (os::Fd& fd : fds) state->add_listener(std::move(fd), options.backlog);
  if (options.start_serving) state->start_serving();
  return server;
}

template <class OnDemand = void>
Task<Server> listen_on(Ref<ConnectionHandler> handler, std::vector<std::string> hosts,
                       std::string service, StartServerOptions options) {
  const AddressQuery query{
      .family = options.family, .type = SOCK_STREAM, .protocol = 0, .flags = AI_PASSIVE};
  std::vector<AddressInfo> addresses;
  for (std::string& host : hosts) {
    std::vector<AddressInfo> found = co_await resolve(std::move(host), service, query);
    add_new(addresses, std::move(found));
  }
  co_return make_server(std::move(handler), bind_all(addresses, options), options);
}

template <class OnDemand = void>
Task<Server> listen_on_socket(Ref<ConnectionHandler> handler, Socket socket,
                              StartServerOptions options) {
  require_stream(socket);
  std::vector<os::Fd> accepted = socket.take_accepted();
  std::vector<os::Fd> fds;
  fds.push_back(socket.release());
  co_return make_server(std::move(handler), std::move(fds), options, {}, std::move(accepted));
}

template <class H>
[[nodiscard]] Ref<ConnectionHandler> own_handler(H&& handler) {
  static_assert(StreamHandler<H>,
                "asyncio: start_server() needs a handler that takes a StreamReader and a "
                "StreamWriter, both by value, and returns Task<> or void");
  check_callable_temporary<H>();
  if constexpr (StreamHandler<H>)
    return Ref<ConnectionHandler>(new HandlerOf<std::decay_t<H>>(std::forward<H>(handler)));
  else
    return {};
}

}  // namespace detail

/// Listens on `host` and `port` and has every connection served by `handler(reader, writer)`: a
/// coroutine, which becomes a task, or a plain function. An empty host means all interfaces, port 0
/// a free port for each socket (Server::port()). `handler` is copied or moved in.
/// An error of the handler is reported to the loop's exception handler ("Unhandled exception in
/// client_connected_cb") and closes the connection; so does its cancellation, which is not reported.
/// When the handler has dropped both streams the connection is closed, and what was written is sent.
/// Throws: std::system_error that names the address; what getaddrinfo() throws.
template <class H>
[[nodiscard("co_await start_server()")]] Task<Server> start_server(
    H&& handler, std::string_view host, Port port, const StartServerOptions& options = {}) {
  return detail::listen_on(detail::own_handler(std::forward<H>(handler)), {std::string(host)},
                           port.to_string(), options);
}
/// The same on several hosts.
template <class H>
[[nodiscard("co_await start_server()")]] Task<Server> start_server(
    H&& handler, std::vector<std::string> hosts, Port port,
    const StartServerOptions& options = {}) {
  if (hosts.empty()) hosts.emplace_back();
  return detail::listen_on(detail::own_handler(std::forward<H>(handler)), std::move(hosts),
                           port.to_string(), options);
}
/// The same on a stream socket that is bound, and need not listen yet; the server owns it.
/// Of the options those that concern addresses do not count.
/// Throws: std::invalid_argument for another kind of socket.
template <class H>
[[nodiscard("co_await start_server()")]] Task<Server> start_server(
    H&& handler, Socket socket, const StartServerOptions& options = {}) {
  return detail::listen_on_socket(detail::own_handler(std::forward<H>(handler)), std::move(socket),
                                  options);
}

}  // namespace asyncio

// open_unix_connection() and start_unix_server(): the same streams over unix sockets.
// Reference: https://docs.python.org/3/library/asyncio-stream.html#asyncio.open_unix_connection
#pragma once

#include <asyncio/net/start_server.hpp>
#include <asyncio/os/socket_file.hpp>

namespace asyncio {

/// How open_unix_connection() connects.
struct OpenUnixConnectionOptions {
  std::size_t limit = 64 * 1024;  ///< of the reader, see StreamReader::readuntil()
};

/// How start_unix_server() listens.
struct StartUnixServerOptions {
  int backlog = 100;
  bool start_serving = true;   ///< false: serve_forever() or Server::start_serving() does it
  bool cleanup_socket = true;  ///< the file is removed when the server closes, if it is still ours
  std::size_t limit = 64 * 1024;  ///< of the readers
};
static_assert(std::is_trivially_destructible_v<StartUnixServerOptions>);

namespace detail {

template <class OnDemand = void>
Task<Streams> open_unix_streams(std::string path, std::size_t limit) {
  if (limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  const Address peer = Address::from_unix_path(path);
  Socket socket(AF_UNIX, SOCK_STREAM);
  co_await socket.connect(peer);
  co_return make_streams(Connection::make(get_running_loop(), socket.release(), limit, peer));
}

[[nodiscard]] inline os::Fd bind_unix(const std::string& path) {
  os::SocketFile::remove_stale(path);
  os::Fd fd = os::make_socket(AF_UNIX, SOCK_STREAM);
  os::bind(fd.get(), Address::from_unix_path(path));
  return fd;
}

template <class OnDemand = void>
Task<Server> listen_on_path(Ref<ConnectionHandler> handler, std::string path,
                            StartUnixServerOptions options) {
  std::vector<os::Fd> fds;
  fds.push_back(bind_unix(path));
  os::SocketFile file;
  if (options.cleanup_socket) file = os::SocketFile(path);
  co_return make_server(std::move(handler), std::move(fds), options, std::move(file));
}

}  // namespace detail

/// Connects to the unix socket at `path`; a leading '\0' names an abstract one.
/// Throws: std::system_error "Connect call failed <path>"; std::invalid_argument for a long path.
/// Cancellation: closes the socket.
template <class OnDemand = void>
[[nodiscard]] Task<Streams> open_unix_connection(std::string_view path,
                                                 const OpenUnixConnectionOptions& options = {}) {
  return detail::open_unix_streams(std::string(path), options.limit);
}

/// Listens on a unix socket at `path`, see start_server(). A socket file that an earlier server has
/// left there is replaced.
/// Throws: std::system_error (EADDRINUSE) if another file is there.
template <class H>
[[nodiscard("co_await start_unix_server()")]] Task<Server> start_unix_server(
    H&& handler, std::string_view path, const StartUnixServerOptions& options = {}) {
  return detail::listen_on_path(detail::own_handler(std::forward<H>(handler)), std::string(path),
                                options);
}

}  // namespace asyncio

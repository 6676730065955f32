// Server: listening sockets and the connections that came through them.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#server-objects
#pragma once

#include <asyncio/net/server_state.hpp>
#include <asyncio/net/socket.hpp>
#include <asyncio/tasks/async_with.hpp>
#include <asyncio/tasks/sleep.hpp>

namespace asyncio {
namespace detail {

template <class OnDemand = void>
Task<> wait_until_closed(Ref<ServerState> server) {
  while (!server->is_closed() || server->has_connections()) co_await server->changed().wait();
}

/// Waits until neither a connection nor a handler is left, but not longer than `limit`.
template <class OnDemand = void>
Task<> wait_until_idle(Ref<ServerState> server, Scheduler::duration limit) {
  bool is_over = false;
  auto expire = [&is_over, state = server.get()] {
    is_over = true;
    state->changed().wake_all();
  };
  TimerHandle timer = server->loop().call_later(limit, expire);
  auto withdraw = [&timer] { timer.cancel(); };
  ScopeExit withdrawn(withdraw);
  while (!is_over && (server->has_connections() || server->has_handlers()))
    co_await server->changed().wait();
}

template <class OnDemand = void>
Task<> serve_until_cancelled(Ref<ServerState> server) {
  if (server->is_serving_forever())
    throw RuntimeError("server is already being awaited on serve_forever()");
  if (server->is_closed()) throw RuntimeError("server is closed");
  server->start_serving();
  server->is_serving_forever() = true;
  auto leave = [state = server.get()] { state->is_serving_forever() = false; };
  ScopeExit left(leave);
  std::exception_ptr cancelled;
  try {
    while (!server->is_closed()) co_await server->changed().wait();
    throw CancelledError();  // Python: close() cancels serve_forever()
  } catch (const CancelledError&) {
    cancelled = std::current_exception();
  }
  server->close();
  server->for_each_connection([](Connection& connection) { connection.close(); });
  Outcome<void> closed = co_await as_outcome(wait_until_closed(server));
  std::rethrow_exception(cancelled);
}

template <class OnDemand = void>
Task<> shut_down_server(Ref<ServerState> server, Scheduler::duration grace) {
  server->close();
  co_await wait_until_idle(server, grace);
  server->for_each_connection([](Connection& connection) { connection.close(); });
  co_await wait_until_idle(server, grace);
  server->for_each_connection([](Connection& connection) { connection.abort(); });
  server->cancel_handlers();
  while (server->has_handlers()) co_await server->changed().wait();
}

}  // namespace detail

/// Accepts connections and has each served by a handler. A movable handle; destroying it stops
/// accepting and leaves the connections alone.
/// A lack of descriptors or memory is reported to the exception handler, pauses accepting until a
/// connection ends or a second has passed, and never ends the server.
class [[nodiscard("destroying the Server stops it")]] Server {
 public:
  /// The library's own use.
  explicit Server(detail::Ref<detail::ServerState> state) noexcept : state_(std::move(state)) {}
  Server(Server&&) noexcept = default;
  Server& operator=(Server&& other) noexcept {
    if (state_) close();
    state_ = std::move(other.state_);
    return *this;
  }
  ~Server() {
    if (state_) close();
  }

  /// The port of the first socket; 0 once closed, or for a unix socket.
  [[nodiscard]] std::uint16_t port() const {
    return state_->listeners().empty() ? std::uint16_t{0}
                                       : sockets().front().local_address().port();
  }
  /// The listening sockets; none once closed.
  [[nodiscard]] std::vector<SocketView> sockets() const {
    std::vector<SocketView> views;
    for (const auto& listener : state_->listeners()) views.emplace_back(listener->fd());
    return views;
  }

  /// Starts to listen and to accept. Idempotent. Throws: RuntimeError after close().
  template <class OnDemand = void>
  [[nodiscard("co_await start_serving()")]] Task<> start_serving() {
    return started(state_);
  }
  /// Accepts connections: it was started and not closed.
  [[nodiscard]] bool is_serving() const noexcept { return state_->is_serving(); }

  /// Serves until it is cancelled or the server is closed, and ends by CancelledError either way:
  /// the server and its connections were then closed and awaited.
  /// Throws: RuntimeError if it is awaited already, or after close().
  template <class OnDemand = void>
  [[nodiscard("co_await serve_forever()")]] Task<> serve_forever() {
    return detail::serve_until_cancelled(state_);
  }

  /// Stops accepting. Connections go on. Idempotent.
  void close() noexcept { state_->close(); }
  /// Waits until the server is closed and no connection is left.
  template <class OnDemand = void>
  [[nodiscard("co_await wait_closed()")]] Task<> wait_closed() {
    return detail::wait_until_closed(state_);
  }
  /// Closes every connection, after what was written to it has been sent.
  void close_clients() {
    state_->for_each_connection([](detail::Connection& connection) { connection.close(); });
  }
  /// Closes every connection now.
  void abort_clients() {
    state_->for_each_connection([](detail::Connection& connection) { connection.abort(); });
  }

  /// Ends the server: stops accepting and gives connections and handlers `grace` to end by
  /// themselves, then closes the connections and gives the handlers as long again, then aborts
  /// and cancels what is left. Returns when no connection and no handler is left.
  /// Cancellation: the server is closed, its connections go on; it may be asked for again.
  template <class OnDemand = void>
  [[nodiscard("co_await shutdown()")]] Task<> shutdown(LoopDuration grace) {
    return detail::shut_down_server(state_, grace);
  }

  /// The loop that it was made in.
  [[nodiscard]] EventLoop& get_loop() const noexcept { return state_->loop(); }

  /// For async_with(): the body gets the server; leaving closes it and waits as wait_closed() does.
  Server& aenter() noexcept { return *this; }
  /// The other half of aenter(); an error of the body goes on.
  template <class OnDemand = void>
  Task<> aexit(std::exception_ptr) {
    close();
    return wait_closed();
  }

 private:
  template <class OnDemand = void>
  static Task<> started(detail::Ref<detail::ServerState> state) {
    state->start_serving();
    co_return;
  }

  detail::Ref<detail::ServerState> state_;  // null after a move
};

static_assert(AsyncContextManager<Server>);

}  // namespace asyncio

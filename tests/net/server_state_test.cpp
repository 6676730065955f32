#include <asyncio/net/server_state.hpp>

#include "net_support.hpp"

namespace server_state_test {

using namespace asyncio_test;
using asyncio::detail::Connection;
using asyncio::detail::ConnectionHandler;
using asyncio::detail::Ref;
using asyncio::detail::ServerState;

namespace {

/// Keeps the connections that it is given.
struct Keeping final : ConnectionHandler {
  void start(ServerState&, const asyncio::Context&, const Ref<Connection>& connection) override {
    connections.push_back(connection);
  }
  std::vector<Ref<Connection>> connections;
};

asyncio::os::Fd bound() {
  asyncio::os::Fd fd = asyncio::os::make_socket(AF_INET, SOCK_STREAM);
  asyncio::os::bind(fd.get(), *asyncio::Address::from_numeric("127.0.0.1", 0));
  return fd;
}

}  // namespace

ASYNC_TEST("server state: counts its connections and ends them", "[SVR-09][SVR-10][SVR-16]") {
  const Ref<Keeping> handler(new Keeping);
  const Ref<ServerState> server(
      new ServerState(asyncio::get_running_loop(), 1024, Ref<ConnectionHandler>(handler.get())));
  server->add_listener(bound(), 10);
  server->start_serving();
  const asyncio::Address address = asyncio::os::local_address(server->listeners()[0]->fd());
  std::vector<asyncio::os::Fd> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(clients.back().get(), address.data(), address.size()) == 0);
  }
  co_await until([&] { return handler->connections.size() == 3; });
  REQUIRE(server->has_connections());
  handler->connections[0]->abort();
  REQUIRE(server->has_connections());
  int seen = 0;
  server->for_each_connection([&seen](Connection& connection) {
    ++seen;
    connection.close();
  });
  REQUIRE(seen == 2);
  REQUIRE_FALSE(server->has_connections());
  server->close();
  REQUIRE(server->is_closed());
  REQUIRE(server->listeners().empty());
  REQUIRE_THROWS_AS(server->start_serving(), asyncio::RuntimeError);
}

ASYNC_TEST("server state: knows which handlers run", "[N4]") {
  const Ref<ServerState> server(
      new ServerState(asyncio::get_running_loop(), 1024, Ref<ConnectionHandler>(new Keeping)));
  auto body = [&]() -> Task<> {
    const ServerState::Running running(*server);
    co_await asyncio::sleep(1h);
  };
  auto task = asyncio::create_task(body());
  co_await turns(1);
  REQUIRE(server->has_handlers());
  server->cancel_handlers();
  co_await until([&] { return task.done(); });
  REQUIRE(task.cancelled());
  REQUIRE_FALSE(server->has_handlers());
}

}  // namespace server_state_test

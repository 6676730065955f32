#include <asyncio/net/server.hpp>

#include "net_support.hpp"

#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/start_server.hpp>

namespace server_test {

using namespace asyncio_test;
using asyncio::Server;
using asyncio::StreamReader;
using asyncio::Streams;
using asyncio::StreamWriter;

namespace {

Task<> echo_lines(StreamReader reader, StreamWriter writer) {
  while (auto line = co_await reader.next()) writer.write(*line);
}

Task<Streams> connect(std::uint16_t port) { return asyncio::open_connection("127.0.0.1", port); }

/// One line there and back, so that the connection is known to be served.
Task<Streams> greet(std::uint16_t port) {
  Streams streams = co_await connect(port);
  streams.second.write("hello\n");
  const std::string line = co_await streams.first.readline();
  REQUIRE(line == "hello\n");
  co_return streams;
}

}  // namespace

ASYNC_TEST("server: close stops listening only, wait_closed waits for the last connection",
           "[SVR-08][SVR-09][W-14]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  const std::uint16_t port = server.port();
  auto streams = co_await greet(port);
  auto early = asyncio::create_task(server.wait_closed());
  co_await turns(3);
  REQUIRE_FALSE(early.done());
  server.close();
  server.close();
  REQUIRE_FALSE(server.is_serving());
  REQUIRE(server.sockets().empty());
  REQUIRE(server.port() == 0);
  auto late = asyncio::create_task(server.wait_closed());
  co_await turns(3);
  REQUIRE_FALSE(early.done());
  REQUIRE_FALSE(late.done());
  const int refused = co_await error_of(connect(port));
  REQUIRE(refused == ECONNREFUSED);
  streams.second.write("still there\n");
  const std::string line = co_await streams.first.readline();
  REQUIRE(line == "still there\n");
  streams.second.write_eof();
  co_await early;
  co_await late;
  co_await server.wait_closed();
}

ASYNC_TEST("server: close_clients and abort_clients", "[SVR-10]") {
  for (const bool aborts : {false, true}) {
    Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
    auto streams = co_await greet(server.port());
    server.close();
    if (aborts)
      server.abort_clients();
    else
      server.close_clients();
    co_await server.wait_closed();
    const std::string end = co_await streams.first.read();
    REQUIRE(end.empty());
  }
}

ASYNC_TEST("server: start_serving is idempotent and refused after close", "[SVR-05][SVR-11]") {
  Server server =
      co_await asyncio::start_server(echo_lines, "127.0.0.1", 0, {.start_serving = false});
  REQUIRE_FALSE(server.is_serving());
  const int refused = co_await error_of(connect(server.port()));
  REQUIRE(refused == ECONNREFUSED);
  co_await server.start_serving();
  co_await server.start_serving();
  REQUIRE(server.is_serving());
  auto streams = co_await greet(server.port());
  server.close();
  const std::string text = co_await text_of(server.start_serving());
  REQUIRE(text == "server is closed");
}

ASYNC_TEST("server: serve_forever once at a time, cancelled, it closes everything",
           "[SVR-12][STR-03]") {
  Server server =
      co_await asyncio::start_server(echo_lines, "127.0.0.1", 0, {.start_serving = false});
  auto serving = asyncio::create_task(server.serve_forever());
  co_await turns(2);
  REQUIRE(server.is_serving());
  std::string text = co_await text_of(server.serve_forever());
  REQUIRE(text == "server is already being awaited on serve_forever()");
  auto streams = co_await greet(server.port());
  serving.cancel();
  text = co_await text_of(serving);
  REQUIRE(text == "cancelled");
  REQUIRE(serving.cancelled());
  REQUIRE_FALSE(server.is_serving());
  const std::string end = co_await streams.first.read();
  REQUIRE(end.empty());
  text = co_await text_of(server.serve_forever());
  REQUIRE(text == "server is closed");
}

ASYNC_TEST("server: close ends serve_forever", "[SVR-08][SVR-12]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  auto serving = asyncio::create_task(server.serve_forever());
  co_await turns(2);
  server.close();
  const std::string text = co_await text_of(serving);
  REQUIRE(text == "cancelled");
}

ASYNC_TEST("server: leaving its scope closes it and waits", "[SVR-13]") {
  std::uint16_t port = 0;
  bool client_done = false;
  auto client = [&]() -> Task<> {
    auto streams = co_await greet(port);
    client_done = true;
  };
  auto body = [&](Server& server) -> Task<> {
    port = server.port();
    co_await client();
  };
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  co_await asyncio::async_with(server, body);
  REQUIRE(client_done);
  REQUIRE_FALSE(server.is_serving());
}

ASYNC_TEST("server: destroying it stops listening and leaves connections", "[SWR-10]") {
  std::optional<Server> server;
  server.emplace(co_await asyncio::start_server(echo_lines, "127.0.0.1", 0));
  const std::uint16_t port = server->port();
  auto streams = co_await greet(port);
  server.reset();
  const int refused = co_await error_of(connect(port));
  REQUIRE(refused == ECONNREFUSED);
  streams.second.write("alive\n");
  const std::string line = co_await streams.first.readline();
  REQUIRE(line == "alive\n");
}

ASYNC_TEST("server: shutdown lets a request finish", "[W-14][N4]") {
  bool finished = false;
  auto slow = [&](StreamReader reader, StreamWriter writer) -> Task<> {
    static_cast<void>(co_await reader.readline());
    co_await asyncio::sleep(5ms);
    writer.write("answer");
    finished = true;
  };
  Server server = co_await asyncio::start_server(slow, "127.0.0.1", 0);
  auto streams = co_await connect(server.port());
  streams.second.write("go\n");
  co_await asyncio::sleep(1ms);
  co_await server.shutdown(10s);
  REQUIRE(finished);
  const std::string answer = co_await streams.first.read();
  REQUIRE(answer == "answer");
}

ASYNC_TEST("server: shutdown ends idle clients and stubborn handlers", "[W-14][SVR-10]") {
  int cancelled = 0;
  auto stubborn = [&](StreamReader, StreamWriter) -> Task<> {
    try {
      co_await asyncio::sleep(1h);
    } catch (const asyncio::CancelledError&) {
      ++cancelled;
      throw;
    }
  };
  Server server = co_await asyncio::start_server(stubborn, "127.0.0.1", 0);
  auto first = co_await connect(server.port());
  auto second = co_await connect(server.port());
  co_await until([] { return asyncio::all_tasks().size() == 3; });
  co_await server.shutdown(1ms);
  REQUIRE(cancelled == 2);
  REQUIRE(asyncio::all_tasks().size() == 1);
}

ASYNC_VIRTUAL_TEST("server: shutdown returns when the last handler has ended", "[W-14]") {
  auto slow = [](StreamReader, StreamWriter) -> Task<> { co_await asyncio::sleep(3s); };
  Server server = co_await asyncio::start_server(slow, "127.0.0.1", 0);
  auto streams = co_await connect(server.port());
  co_await until([] { return asyncio::all_tasks().size() == 2; });
  const auto before = asyncio::get_running_loop().time();
  co_await server.shutdown(1h);
  const auto elapsed = asyncio::get_running_loop().time() - before;
  REQUIRE(elapsed <= 3s);
  REQUIRE(elapsed > 2s);
}

ASYNC_VIRTUAL_TEST("server: shutdown cancels what two periods of grace have not ended", "[W-14]") {
  bool cancelled = false;
  auto stubborn = [&cancelled](StreamReader, StreamWriter) -> Task<> {
    try {
      co_await asyncio::sleep(24h);
    } catch (const asyncio::CancelledError&) {
      cancelled = true;
      throw;
    }
  };
  Server server = co_await asyncio::start_server(stubborn, "127.0.0.1", 0);
  auto streams = co_await connect(server.port());
  co_await until([] { return asyncio::all_tasks().size() == 2; });
  const auto before = asyncio::get_running_loop().time();
  co_await server.shutdown(5s);
  const auto elapsed = asyncio::get_running_loop().time() - before;
  REQUIRE(elapsed >= 10s);
  REQUIRE(elapsed < 11s);
  REQUIRE(cancelled);
}

ASYNC_TEST("server: a shutdown that is cancelled can be asked for again", "[W-14]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  auto streams = co_await greet(server.port());
  auto shutdown = asyncio::create_task(server.shutdown(1h));
  co_await turns(3);
  shutdown.cancel();
  co_await until([&] { return shutdown.done(); });
  REQUIRE(shutdown.cancelled());
  REQUIRE_FALSE(server.is_serving());
  streams.second.write("still there\n");
  const std::string line = co_await streams.first.readline();
  REQUIRE(line == "still there\n");
  co_await server.shutdown(1ms);
  const std::string end = co_await streams.first.read();
  REQUIRE(end.empty());
}

ASYNC_TEST("server: 100 connections open and close without a leak", "[SVR-16]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  co_await greet(server.port());
  co_await turns(5);
  const std::ptrdiff_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    auto streams = co_await greet(server.port());
    if (i % 2 == 0) streams.second.abort();
  }
  co_await until([&] { return open_descriptors() <= before; });
  server.close();
  co_await server.wait_closed();
}

}  // namespace server_test

#include <asyncio/net/start_server.hpp>

#include "net_support.hpp"

#include <asyncio/core/future.hpp>
#include <asyncio/net/open_connection.hpp>
#include <asyncio/tasks/gather.hpp>

namespace start_server_test {

using namespace asyncio_test;
using asyncio::Address;
using asyncio::Server;
using asyncio::StreamReader;
using asyncio::Streams;
using asyncio::StreamWriter;

namespace {

Task<> echo_lines(StreamReader reader, StreamWriter writer) {
  while (auto line = co_await reader.next()) {
    writer.write("echo: " + *line);
    co_await writer.drain();
  }
  writer.write("bye");
}

Task<Streams> connect(const Server& server) {
  return asyncio::open_connection("127.0.0.1", server.port());
}

/// Collects what is reported to the loop for as long as it lives.
struct Reports {
  Reports() {
    asyncio::get_running_loop().set_exception_handler(
        [this](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
          std::string line(context.message);
          if (context.exception) line += ": " + asyncio::detail::describe(context.exception);
          lines.push_back(line);
        });
  }
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;
  ~Reports() { asyncio::get_running_loop().set_exception_handler(nullptr); }
  std::vector<std::string> lines;
};

}  // namespace

ASYNC_TEST("start_server: a conversation", "[STR-01][STR-03][SRD-13]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  REQUIRE(server.is_serving());
  REQUIRE(&server.get_loop() == &asyncio::get_running_loop());
  auto streams = co_await connect(server);
  auto& [reader, writer] = streams;
  writer.write("one\n");
  std::string text = co_await reader.readline();
  REQUIRE(text == "echo: one\n");
  writer.write("two\nthr");
  writer.write("ee\nunfinished");
  writer.write_eof();
  text = co_await reader.read();
  REQUIRE(text == "echo: two\necho: three\necho: unfinishedbye");
  co_await writer.aclose();
  server.close();
  co_await server.wait_closed();
}

ASYNC_TEST("start_server: many clients at the same time", "[STR-03][SVR-06]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  auto client = [&](int number) -> Task<bool> {
    auto streams = co_await connect(server);
    const std::string line = std::to_string(number) + "\n";
    streams.second.write(line);
    const std::string answer = co_await streams.first.readline();
    co_return answer == "echo: " + line;
  };
  std::vector<asyncio::TaskHandle<bool>> clients;
  for (int i = 0; i < 150; ++i) clients.push_back(asyncio::create_task(client(i)));
  int right = 0;
  for (const auto& task : clients) right += co_await task ? 1 : 0;
  REQUIRE(right == 150);
}

ASYNC_TEST("start_server: a handler with captures lives as long as it is needed", "[STR-08]") {
  auto served = std::make_shared<int>(0);
  auto handler = [served](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string line = co_await reader.readline();
    ++*served;
    writer.write(line);
  };
  Server server = co_await asyncio::start_server(handler, "127.0.0.1", 0);
  auto streams = co_await connect(server);
  streams.second.write("x\n");
  const std::string answer = co_await streams.first.read();
  REQUIRE(answer == "x\n");
  REQUIRE(*served == 1);
}

ASYNC_TEST("start_server: a plain function as handler", "[STR-03]") {
  auto plain = [](StreamReader, StreamWriter writer) { writer.write("hello"); };
  Server server = co_await asyncio::start_server(plain, "127.0.0.1", 0);
  auto streams = co_await connect(server);
  const std::string answer = co_await streams.first.read();
  REQUIRE(answer == "hello");
}

ASYNC_TEST("start_server: a failing coroutine handler is reported, its connection closed",
           "[STR-05]") {
  Reports reports;
  auto fails = [](StreamReader reader, StreamWriter writer) -> Task<> {
    static_cast<void>(co_await reader.readline());
    writer.write("said before");
    throw std::invalid_argument("coroutine");
  };
  Server server = co_await asyncio::start_server(fails, "127.0.0.1", 0);
  auto streams = co_await connect(server);
  streams.second.write("go\n");
  std::string seen = co_await streams.first.read();
  REQUIRE(seen == "said before");
  REQUIRE(reports.lines == std::vector<std::string>{"Unhandled exception in client_connected_cb: "
                                                    "std::invalid_argument: coroutine"});
  // ... and the server goes on.
  auto next = co_await connect(server);
  next.second.write("go\n");
  seen = co_await next.first.read();
  REQUIRE(seen == "said before");
}

ASYNC_TEST("start_server: a cancelled handler closes the connection silently", "[STR-06]") {
  Reports reports;
  auto cancelled = [](StreamReader reader, StreamWriter writer) -> Task<> {
    static_cast<void>(co_await reader.readline());
    static_cast<void>(writer);
    throw asyncio::CancelledError();
  };
  Server server = co_await asyncio::start_server(cancelled, "127.0.0.1", 0);
  auto streams = co_await connect(server);
  streams.second.write("go\n");
  const std::string seen = co_await streams.first.read();
  REQUIRE(seen.empty());
  REQUIRE(reports.lines.empty());
}

ASYNC_TEST("start_server: a failing plain handler is reported", "[STR-07][W-19]") {
  Reports reports;
  auto plain = [](StreamReader, StreamWriter) { throw std::invalid_argument("plain function"); };
  Server server = co_await asyncio::start_server(plain, "127.0.0.1", 0);
  auto streams = co_await connect(server);
  const std::string seen = co_await text_of(streams.first.read());
  REQUIRE(seen.empty());
  REQUIRE(reports.lines == std::vector<std::string>{"Unhandled exception in client_connected_cb: "
                                                    "std::invalid_argument: plain function"});
}

ASYNC_TEST("start_server: a line over the limit ends one client, not the server",
           "[SRD-04][W-28]") {
  auto polite = [](StreamReader reader, StreamWriter writer) -> Task<> {
    bool too_long = false;
    try {
      while (auto line = co_await reader.next()) writer.write(*line);
    } catch (const std::invalid_argument&) {
      too_long = true;
    }
    if (too_long) writer.write("too long");
  };
  Server server = co_await asyncio::start_server(polite, "127.0.0.1", 0, {.limit = 16});
  auto good = co_await connect(server);
  auto bad = co_await connect(server);
  bad.second.write(std::string(100, 'x'));
  const std::string refusal = co_await bad.first.read();
  REQUIRE(refusal == "too long");
  good.second.write("fine\n");
  const std::string answer = co_await good.first.readline();
  REQUIRE(answer == "fine\n");
}

ASYNC_TEST("start_server: all interfaces, several hosts, duplicates", "[SVR-01][SVR-02]") {
  Server all = co_await asyncio::start_server(echo_lines, "", 0);
  REQUIRE_FALSE(all.sockets().empty());
  for (const asyncio::SocketView& socket : all.sockets()) {
    const Address address = socket.local_address();
    REQUIRE((address.host() == "0.0.0.0" || address.host() == "::"));
    REQUIRE(address.port() != 0);
  }
  const std::vector<std::string> hosts{"127.0.0.1", "127.0.0.1", "127.0.0.2"};
  Server two = co_await asyncio::start_server(echo_lines, hosts, 0);
  REQUIRE(two.sockets().size() == 2);
}

ASYNC_TEST("start_server: an address in use is named and nothing leaks", "[SVR-03]") {
  Server first = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  const std::ptrdiff_t before = open_descriptors();
  const std::string text =
      co_await text_of(asyncio::start_server(echo_lines, "127.0.0.1", first.port()));
  REQUIRE(text == "bind to 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
  REQUIRE(open_descriptors() == before);
}

ASYNC_TEST("start_server: reuse_port", "[SVR-02]") {
  Server first = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0, {.reuse_port = true});
  Server second =
      co_await asyncio::start_server(echo_lines, "127.0.0.1", first.port(), {.reuse_port = true});
  REQUIRE(first.port() == second.port());
}

ASYNC_TEST("start_server: bad arguments", "[SVR-04][SRD-01]") {
  REQUIRE_THROWS_AS(asyncio::Port(65536), std::invalid_argument);
  REQUIRE_THROWS_AS(asyncio::Port(-1), std::invalid_argument);
  const std::string limit =
      co_await text_of(asyncio::start_server(echo_lines, "127.0.0.1", 0, {.limit = 0}));
  REQUIRE(limit == "Limit cannot be <= 0");
}

ASYNC_TEST("start_server: handlers get a copy of the context", "[CTX-05]") {
  static asyncio::ContextVar<int> variable("start_server_test");
  variable.set(7);
  auto handler = [](StreamReader, StreamWriter writer) -> Task<> {
    writer.write(std::to_string(variable.get()));
    variable.set(8);
    co_return;
  };
  Server server = co_await asyncio::start_server(handler, "127.0.0.1", 0);
  variable.set(9);
  for (int i = 0; i < 2; ++i) {
    auto streams = co_await connect(server);
    const std::string seen = co_await streams.first.read();
    REQUIRE(seen == "7");
  }
}

ASYNC_TEST("start_server: so do plain functions", "[CTX-05]") {
  static asyncio::ContextVar<int> variable("start_server_test_plain");
  variable.set(7);
  auto handler = [](StreamReader, StreamWriter writer) {
    writer.write(std::to_string(variable.get()));
    variable.set(8);
  };
  Server server = co_await asyncio::start_server(handler, "127.0.0.1", 0);
  variable.set(9);
  for (int i = 0; i < 2; ++i) {
    auto streams = co_await connect(server);
    const std::string seen = co_await streams.first.read();
    REQUIRE(seen == "7");
  }
  REQUIRE(variable.get() == 9);
}

ASYNC_TEST("start_server: no task is visible but the handlers'", "[TASK-05]") {
  Server server = co_await asyncio::start_server(echo_lines, "127.0.0.1", 0);
  REQUIRE(asyncio::all_tasks().size() == 1);
  auto streams = co_await connect(server);
  co_await until([] { return asyncio::all_tasks().size() == 2; });
}

ASYNC_TEST("start_server: on a socket that is bound", "[SVR-04][STR-03]") {
  asyncio::Socket socket(AF_INET, SOCK_STREAM);
  socket.bind(*asyncio::Address::from_numeric("127.0.0.1", 0));
  const int port = socket.local_address().port();
  Server server = co_await asyncio::start_server(echo_lines, std::move(socket), {.backlog = 5});
  REQUIRE(server.port() == port);
  auto streams = co_await connect(server);
  streams.second.write("line\n");
  const std::string answer = co_await streams.first.readline();
  REQUIRE(answer == "echo: line\n");
}

ASYNC_TEST("start_server: a datagram socket is refused", "[SVR-04]") {
  const std::string how =
      co_await text_of(asyncio::start_server(echo_lines, asyncio::Socket(AF_INET, SOCK_DGRAM)));
  REQUIRE(how == "A Stream Socket was expected");
}

ASYNC_TEST("start_server: what a cancelled accept() accepted is served", "[SVR-04]") {
  constexpr int rounds = 10;
  int given = 0;
  int served = 0;
  for (int round = 0; round < rounds; ++round) {
    asyncio::Socket listener =
        asyncio::Socket::listen(*asyncio::Address::from_numeric("127.0.0.1", 0));
    const auto address = listener.local_address();
    auto accepting = asyncio::create_task(
        [&listener]() -> Task<> { asyncio::Socket accepted = co_await listener.accept(); });
    co_await turns(1);
    asyncio::Socket client(AF_INET, SOCK_STREAM);
    co_await client.connect(address);
    co_await turns(round % 3);
    accepting.cancel();
    static_cast<void>(co_await asyncio::as_outcome(accepting));
    Server server = co_await asyncio::start_server(echo_lines, std::move(listener));
    if (!accepting.cancelled()) {
      ++given;  // to the task, which has closed it
      continue;
    }
    co_await client.send_all("line\n");
    const std::string answer = co_await client.recv(100);
    served += answer == "echo: line\n";
  }
  REQUIRE(given + served == rounds);
}

}  // namespace start_server_test

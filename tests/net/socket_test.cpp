#include <asyncio/net/socket.hpp>

#include "net_support.hpp"

#include <array>

namespace socket_test {

using namespace asyncio_test;
using asyncio::Address;
using asyncio::Datagram;
using asyncio::Socket;

namespace {

Address any_port() { return *Address::from_numeric("127.0.0.1", 0); }

/// Fills the socket's buffer, so that the next send must wait.
void fill(Socket& socket) {
  static const std::array<char, 1 << 16> bytes{};
  while (::send(socket.fileno(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
  }
}

std::span<std::byte> as_bytes(std::array<char, 64>& array) {
  return std::as_writable_bytes(std::span(array));
}

}  // namespace

ASYNC_TEST("socket: connect, accept, send and receive", "[SOK-01][SOK-06]") {
  Socket listener = Socket::listen(any_port());
  Socket client(AF_INET, SOCK_STREAM);
  co_await client.connect(listener.local_address());
  Socket server = co_await listener.accept();
  client.set_no_delay();
  const std::size_t count = co_await client.send("hello");
  REQUIRE(count == 5);
  const std::string text = co_await server.recv(100);
  REQUIRE(text == "hello");
  REQUIRE(server.peer_address() == client.local_address());
  client.shutdown_write();
  const std::string end = co_await server.recv(100);
  REQUIRE(end.empty());
  co_await server.send_all("back");
  std::array<char, 64> target{};
  const std::size_t got = co_await client.recv_into(as_bytes(target));
  REQUIRE(std::string(target.data(), got) == "back");
}

ASYNC_TEST("socket: what can be done at once takes no turn", "[SOK-01]") {
  auto [a, b] = Socket::pair();
  bool other_ran = false;
  asyncio::get_running_loop().call_soon([&other_ran] { other_ran = true; });
  co_await a.send_all("x");
  static_cast<void>(co_await b.recv(1));
  REQUIRE_FALSE(other_ran);
  co_await turns(1);
  REQUIRE(other_ran);
}

ASYNC_TEST("socket: send_all sends more than fits", "[SOK-03]") {
  auto [a, b] = Socket::pair();
  const std::string big(8 << 20, 'x');
  auto sending = asyncio::create_task(a.send_all(big));
  std::size_t total = 0;
  while (total < big.size()) {
    const std::string part = co_await b.recv(1 << 20);
    total += part.size();
  }
  co_await sending;
  REQUIRE(total == big.size());
}

ASYNC_TEST("socket: a second operation of the same direction is refused", "[SOK-08][W-10]") {
  auto [a, b] = Socket::pair();
  auto first = asyncio::create_task(b.recv(1));
  co_await turns(2);
  const std::string refused = co_await text_of(b.recv(1));
  REQUIRE(refused == "asyncio: another task is already waiting for input of this socket");
  fill(a);
  auto sending = asyncio::create_task(a.send("x"));
  co_await turns(2);
  const std::string also_refused = co_await text_of(a.send("y"));
  REQUIRE(also_refused == "asyncio: another task is already sending on this socket");
  sending.cancel();
  const std::string text = co_await first;
  REQUIRE(text.size() == 1);
}

ASYNC_TEST("socket: a cancelled recv is prompt and loses nothing", "[SOK-01][SOK-07][W-03]") {
  auto [a, b] = Socket::pair();
  for (int moment = 0; moment < 12; ++moment) {
    std::array<char, 64> target{};
    auto read = asyncio::create_task(b.recv_into(as_bytes(target)));
    co_await turns(moment % 3);
    if (moment >= 3) co_await a.send_all("abc");
    if (moment >= 6) co_await turns(moment % 4);
    const bool was_done = read.done();
    read.cancel();
    co_await until([&] { return read.done(); });
    if (moment < 3) co_await a.send_all("abc");
    if (was_done) {
      REQUIRE(read.result() == 3);
      continue;
    }
    REQUIRE(read.cancelled());
    const std::string text = co_await b.recv(10);
    REQUIRE(text == "abc");
  }
}

ASYNC_TEST("socket: bytes kept from a cancelled recv are given in parts", "[SOK-01]") {
  auto [a, b] = Socket::pair();
  auto read = asyncio::create_task(b.recv(10));
  co_await turns(2);
  co_await a.send_all("abcdef");
  // The task wakes in this turn; the cancel comes before it runs.
  asyncio::get_running_loop().backend_interface().poll(std::chrono::nanoseconds(0));
  read.cancel();
  co_await turns(3);
  REQUIRE(read.cancelled());
  const std::string first = co_await b.recv(4);
  const std::string second = co_await b.recv(4);
  REQUIRE(first + second == "abcdef");
}

ASYNC_TEST("socket: a connection accepted in spite of a cancel stays", "[SOK-06]") {
  Socket listener = Socket::listen(any_port());
  const std::ptrdiff_t before = open_descriptors();
  {
    auto accept = asyncio::create_task(listener.accept());
    co_await turns(2);
    Socket client(AF_INET, SOCK_STREAM);
    co_await client.connect(listener.local_address());
    accept.cancel();
    co_await until([&] { return accept.done(); });
    Socket server;
    if (accept.cancelled())
      server = co_await asyncio::wait_for(listener.accept(), 10s);
    else
      server = std::move(accept.result());
    REQUIRE(server.peer_address() == client.local_address());
  }
  co_await until([&] { return open_descriptors() == before; });
}

ASYNC_TEST("socket: accept cancelled in the completion's turn", "[SOK-06]") {
  Socket listener = Socket::listen(any_port());
  auto accept = asyncio::create_task(listener.accept());
  co_await turns(2);
  Socket client(AF_INET, SOCK_STREAM);
  co_await client.connect(listener.local_address());
  asyncio::get_running_loop().backend_interface().poll(std::chrono::nanoseconds(0));
  accept.cancel();
  co_await until([&] { return accept.done(); });
  if (accept.cancelled()) {
    Socket server = co_await asyncio::wait_for(listener.accept(), 10s);
    REQUIRE(server.is_open());
  }
  REQUIRE(accept.done());
}

ASYNC_TEST("socket: a refused connect names the address", "[CON-03]") {
  Address address;
  {
    const Socket listener = Socket::listen(any_port());
    address = listener.local_address();
  }
  Socket client(AF_INET, SOCK_STREAM);
  const std::string text = co_await text_of(client.connect(address));
  REQUIRE(text == "Connect call failed " + address.to_string() + ": Connection refused");
}

ASYNC_TEST("socket: a cancelled connect closes the socket", "[N7]") {
  // A full backlog: the connection is not established until somebody accepts.
  Socket listener = Socket::listen(any_port(), {.backlog = 0});
  std::vector<Socket> clients;
  std::vector<asyncio::TaskHandle<>> tasks;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(AF_INET, SOCK_STREAM);
    tasks.push_back(asyncio::create_task(clients.back().connect(listener.local_address())));
  }
  co_await asyncio::sleep(20ms);
  int cancelled = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].done()) continue;
    tasks[i].cancel();
    co_await until([&] { return tasks[i].done(); });
    REQUIRE_FALSE(clients[i].is_open());
    ++cancelled;
  }
  REQUIRE(cancelled > 0);
}

ASYNC_TEST("socket: close under a recv and a send ends both", "[W-10][U2]") {
  auto [a, b] = Socket::pair();
  fill(a);
  auto read = asyncio::create_task(error_of(a.recv(10)));
  auto write = asyncio::create_task(error_of(a.send("x")));
  co_await turns(3);
  a.close();
  a.close();
  co_await until([&] { return read.done() && write.done(); });
  REQUIRE(read.result() == EBADF);
  REQUIRE(write.result() == EBADF);
  REQUIRE(a.fileno() == -1);
  std::string rest;
  do rest = co_await b.recv(1 << 20);
  while (!rest.empty());
  const int closed = co_await error_of(a.recv(1));
  REQUIRE(closed == EBADF);
}

ASYNC_TEST("socket: the object may go while a call waits", "[U2]") {
  auto pair = std::make_unique<std::pair<Socket, Socket>>(Socket::pair());
  auto read = asyncio::create_task(error_of(pair->first.recv(10)));
  co_await turns(2);
  pair.reset();
  const int code = co_await read;
  REQUIRE((code == EBADF || code == 0));  // the other end went as well
}

ASYNC_TEST("socket: datagrams", "[SOK-04][SOK-05][N10]") {
  Socket a(AF_INET, SOCK_DGRAM);
  Socket b(AF_INET, SOCK_DGRAM);
  a.bind(any_port());
  b.bind(any_port());
  const std::size_t sent = co_await a.sendto("hello", b.local_address());
  REQUIRE(sent == 5);
  Datagram datagram = co_await b.recvfrom(100);
  REQUIRE(datagram.data == "hello");
  REQUIRE(datagram.address == a.local_address());
  REQUIRE_FALSE(datagram.truncated);
  co_await a.sendto("", b.local_address());
  datagram = co_await b.recvfrom(100);
  REQUIRE(datagram.data.empty());
  REQUIRE(datagram.address == a.local_address());
  co_await a.sendto("too long", b.local_address());
  datagram = co_await b.recvfrom(3);
  REQUIRE(datagram.data == "too");
  REQUIRE(datagram.truncated);
}

ASYNC_TEST("socket: a datagram received in spite of a cancel is kept", "[SOK-04]") {
  Socket a(AF_INET, SOCK_DGRAM);
  Socket b(AF_INET, SOCK_DGRAM);
  a.bind(any_port());
  b.bind(any_port());
  auto read = asyncio::create_task(b.recvfrom(100));
  co_await turns(2);
  co_await a.sendto("kept", b.local_address());
  asyncio::get_running_loop().backend_interface().poll(std::chrono::nanoseconds(0));
  read.cancel();
  co_await until([&] { return read.done(); });
  if (read.cancelled()) {
    const Datagram datagram = co_await asyncio::wait_for(b.recvfrom(100), 10s);
    REQUIRE(datagram.data == "kept");
    REQUIRE(datagram.address == a.local_address());
  }
  REQUIRE(read.done());
}

ASYNC_TEST("socket: a reset is the reader's error", "[STR-09]") {
  auto fds = tcp_pair();
  Socket socket(std::move(fds.first));
  auto read = asyncio::create_task(error_of(socket.recv(10)));
  co_await turns(2);
  reset(fds.second);
  const int code = co_await read;
  REQUIRE(code == ECONNRESET);
}

ASYNC_TEST("socket: a moved-from socket throws", "[U2]") {
  auto [a, b] = Socket::pair();
  Socket c = std::move(a);
  REQUIRE(a.fileno() == -1);
  REQUIRE_THROWS_AS(a.recv(1), std::system_error);
  REQUIRE(c.is_open());
  co_return;
}

ASYNC_TEST("socket: an address in use is named", "[SVR-03]") {
  const Socket first = Socket::listen(any_port());
  const Address address = first.local_address();
  REQUIRE_THROWS_WITH(Socket::listen(address),
                      "bind to " + address.to_string() + ": Address already in use");
  co_return;
}

}  // namespace socket_test

#include <asyncio/net/udp_socket.hpp>

#include "net_support.hpp"

#include <array>

namespace udp_socket_test {

using namespace asyncio_test;
using asyncio::Address;
using asyncio::Datagram;
using asyncio::DatagramBatch;
using asyncio::DatagramInfo;
using asyncio::DatagramView;
using asyncio::UdpSocket;

namespace {

Address any_port(const char* host = "127.0.0.1") { return *Address::from_numeric(host, 0); }

UdpSocket bound(const char* host = "127.0.0.1") { return UdpSocket::bind(any_port(host)); }

/// An address where nobody listens.
Address dead_port() {
  const UdpSocket socket = bound();
  return socket.local_address();
}

template <class Call>
int error_code(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

Task<std::string> receive(UdpSocket& socket) {
  auto limited = asyncio::wait_for(socket.recvfrom(), 10s);
  Datagram datagram = co_await std::move(limited);
  co_return std::move(datagram.data);
}

}  // namespace

ASYNC_TEST("udp socket: unconnected, over IPv4 and IPv6", "[SOK-02][SOK-04][W-30]") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    UdpSocket server = bound(host);
    UdpSocket client(server.local_address().family());
    const std::size_t sent = co_await client.sendto("hello", server.local_address());
    REQUIRE(sent == 5);
    const Datagram question = co_await server.recvfrom();
    REQUIRE(question.data == "hello");
    REQUIRE_FALSE(question.truncated);
    REQUIRE(question.address.host() == host);
    REQUIRE(question.address.port() == client.local_address().port());
    co_await server.sendto("back", question.address);
    const std::string answer = co_await receive(client);
    REQUIRE(answer == "back");
  }
}

ASYNC_TEST("udp socket: connected, it hears its peer only", "[SOK-02][W-30]") {
  UdpSocket server = bound();
  UdpSocket client = UdpSocket::connected(server.local_address());
  UdpSocket stranger = bound();
  REQUIRE(client.remote_address() == server.local_address());
  const std::size_t sent = co_await client.send("hello");
  REQUIRE(sent == 5);
  const Datagram question = co_await server.recvfrom();
  REQUIRE(question.address == client.local_address());
  co_await stranger.sendto("not for you", client.local_address());
  co_await server.sendto("back", client.local_address());
  const std::string answer = co_await client.recv();
  REQUIRE(answer == "back");
  client.connect(stranger.local_address());
  co_await client.send("hello, stranger");
  const std::string heard = co_await receive(stranger);
  REQUIRE(heard == "hello, stranger");
}

ASYNC_TEST("udp socket: truncation is told, an empty datagram is no end", "[N10][W-30]") {
  UdpSocket server = bound();
  UdpSocket client = UdpSocket::connected(server.local_address());
  co_await client.send("too long");
  Datagram datagram = co_await server.recvfrom(3);
  REQUIRE(datagram.data == "too");
  REQUIRE(datagram.truncated);
  co_await client.send("too long");
  std::array<std::byte, 3> buffer{};
  const DatagramInfo info = co_await server.recvfrom_into(buffer);
  REQUIRE(info.size == 3);
  REQUIRE(info.truncated);
  REQUIRE(info.address == client.local_address());
  co_await client.send("");
  datagram = co_await server.recvfrom();
  REQUIRE(datagram.data.empty());
  REQUIRE(datagram.address == client.local_address());
  co_await server.sendto("", client.local_address());
  co_await server.sendto("too long", client.local_address());
  const std::string empty = co_await client.recv();
  REQUIRE(empty.empty());
  const int code = co_await error_of(client.recv(3));
  REQUIRE(code == EMSGSIZE);
}

ASYNC_TEST("udp socket: the largest datagram arrives whole, a larger one is refused by name",
           "[N10][SOK-04]") {
  UdpSocket server = bound();
  UdpSocket client(AF_INET);
  const std::string largest(65507, 'x');
  co_await client.sendto(largest, server.local_address());
  const std::string got = co_await receive(server);
  REQUIRE(got == largest);
  const std::string too_large(65508, 'x');
  const std::string text = co_await text_of(client.sendto(too_large, server.local_address()));
  REQUIRE(text == "send to " + server.local_address().to_string() + ": Message too long");
}

ASYNC_TEST("udp socket: a dead peer is the next call's error, and reception goes on",
           "[N10][W-30]") {
  UdpSocket client = bound();
  const Address dead = dead_port();
  client.connect(dead);
  co_await client.send("anybody?");
  const int code = co_await error_of(client.recv());
  REQUIRE(code == ECONNREFUSED);
  UdpSocket server = UdpSocket::bind(dead);
  co_await server.sendto("here", client.local_address());
  const std::string answer = co_await client.recv();
  REQUIRE(answer == "here");
}

ASYNC_TEST("udp socket: an unconnected one does not hear of dead ports", "[N10]") {
  UdpSocket socket = bound();
  co_await socket.sendto("anybody?", dead_port());
  co_await socket.sendto("myself", socket.local_address());
  const std::string heard = co_await receive(socket);
  REQUIRE(heard == "myself");
}

ASYNC_TEST("udp socket: a cancelled receive is prompt and loses nothing", "[SOK-07][W-03][W-30]") {
  UdpSocket server = bound();
  UdpSocket client = UdpSocket::connected(server.local_address());
  for (int moment = 0; moment < 12; ++moment) {
    auto receiving = asyncio::create_task(server.recvfrom());
    co_await turns(moment % 3);
    if (moment >= 3) co_await client.send("abc");
    if (moment == 5) asyncio::get_running_loop().backend_interface().poll(0ns);
    if (moment >= 6) co_await turns(moment % 4);
    const bool was_done = receiving.done();
    receiving.cancel();
    co_await until([&] { return receiving.done(); });
    if (moment < 3) co_await client.send("abc");
    std::string got;
    if (was_done) {
      got = receiving.result().data;
    } else {
      REQUIRE(receiving.cancelled());
      got = co_await receive(server);
    }
    REQUIRE(got == "abc");
  }
}

ASYNC_TEST("udp socket: several datagrams a call, sent back as they came", "[W-30]") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    UdpSocket server = bound(host);
    UdpSocket first = UdpSocket::connected(server.local_address());
    UdpSocket second = UdpSocket::connected(server.local_address());
    DatagramBatch out(3);
    for (const char* text : {"one", "", "three"}) out.add(text);
    const std::size_t sent = co_await first.send_many(out);
    REQUIRE(sent == 3);
    co_await second.send("four");
    DatagramBatch batch(8, 4);
    const std::size_t count = co_await server.recv_many(batch);
    REQUIRE(count == 4);
    REQUIRE(batch[0].address == first.local_address());
    REQUIRE(batch[2].data == "thre");
    REQUIRE(batch[2].truncated);
    REQUIRE(batch[3].address == second.local_address());
    const std::size_t back = co_await server.send_many(batch);
    REQUIRE(back == 4);
    const std::size_t answers = co_await first.recv_many(batch);
    REQUIRE(answers == 3);
    REQUIRE(batch[1].data.empty());
    const std::string answer = co_await second.recv();
    REQUIRE(answer == "four");
  }
}

ASYNC_TEST("udp socket: send_many stops at what cannot be sent", "[W-30]") {
  UdpSocket server = bound();
  UdpSocket client = UdpSocket::connected(server.local_address());
  DatagramBatch batch(3, 70000);
  batch.add("good");
  batch.add(std::string(70000, 'x'));
  batch.add("never");
  const std::size_t sent = co_await client.send_many(batch);
  REQUIRE(sent == 1);
  batch.clear();
  batch.add(std::string(70000, 'x'));
  const int code = co_await error_of(client.send_many(batch));
  REQUIRE(code == EMSGSIZE);
  const std::string got = co_await receive(server);
  REQUIRE(got == "good");
}

ASYNC_TEST("udp socket: a second receiver is refused", "[SOK-08][W-10]") {
  UdpSocket socket = bound();
  DatagramBatch batch(1);
  auto first = asyncio::create_task(socket.recvfrom());
  co_await turns(2);
  const std::string refused = co_await text_of(socket.recv_many(batch));
  REQUIRE(refused == "asyncio: another task is already waiting for input of this socket");
  first.cancel();
  co_await until([&] { return first.done(); });
}

ASYNC_TEST("udp socket: close under a receive ends it", "[U2]") {
  UdpSocket socket = bound();
  DatagramBatch batch(1);
  auto receiving = asyncio::create_task(error_of(socket.recv_many(batch)));
  co_await turns(2);
  socket.close();
  socket.close();
  const int code = co_await receiving;
  REQUIRE(code == EBADF);
  REQUIRE_FALSE(socket.is_open());
  const int closed = co_await error_of(socket.recvfrom());
  REQUIRE(closed == EBADF);
}

ASYNC_TEST("udp socket: reuse_port lets two have a port", "[W-30]") {
  UdpSocket first = UdpSocket::bind(any_port(), {.reuse_port = true});
  const UdpSocket second = UdpSocket::bind(first.local_address(), {.reuse_port = true});
  REQUIRE(first.local_address() == second.local_address());
  const UdpSocket other = bound();
  REQUIRE_THROWS_WITH(UdpSocket::bind(other.local_address()),
                      "bind to " + other.local_address().to_string() + ": Address already in use");
  co_return;
}

ASYNC_TEST("udp socket: broadcast has to be allowed", "[W-30]") {
  const Address everybody = *Address::from_numeric("127.255.255.255", 9);
  UdpSocket socket(AF_INET);
  const int refused = co_await error_of(socket.sendto("x", everybody));
  REQUIRE(refused == EACCES);
  UdpSocket allowed(AF_INET, {.broadcast = true});
  const std::size_t sent = co_await allowed.sendto("x", everybody);
  REQUIRE(sent == 1);
  allowed.set_broadcast(false);
  const int again = co_await error_of(allowed.sendto("x", everybody));
  REQUIRE(again == EACCES);
}

ASYNC_TEST("udp socket: a group's members get what is sent to it, until they leave", "[W-30]") {
  UdpSocket member = UdpSocket::bind(any_port("0.0.0.0"));
  const Address group = *Address::from_numeric("239.255.77.7", member.local_address().port());
  member.join_group(group, "lo");
  UdpSocket sender(AF_INET);
  sender.set_multicast_interface("lo");
  sender.set_multicast_ttl(0);
  sender.set_multicast_loop(true);
  co_await sender.sendto("to all", group);
  const std::string heard = co_await receive(member);
  REQUIRE(heard == "to all");
  member.leave_group(group, "lo");
  REQUIRE_THROWS_WITH(member.leave_group(group, "lo"),
                      "leave 239.255.77.7: Cannot assign requested address");
}

// The loopback interface carries no IPv6 multicast.
ASYNC_TEST("udp socket: an IPv6 group is joined and left", "[W-30]") {
  UdpSocket member = UdpSocket::bind(any_port("::"));
  const Address group = *Address::from_numeric("ff01::7777", 0);
  member.join_group(group, "lo");
  const int twice = error_code([&] { member.join_group(group, "lo"); });
  REQUIRE(twice == EADDRINUSE);
  member.leave_group(group, "lo");
  const int gone = error_code([&] { member.leave_group(group, "lo"); });
  REQUIRE(gone == EADDRNOTAVAIL);
  co_return;
}

ASYNC_TEST("udp socket: options", "[W-30]") {
  UdpSocket socket(AF_INET6);
  socket.set_ttl(7);
  REQUIRE(socket.view().getsockopt(IPPROTO_IPV6, IPV6_UNICAST_HOPS) == 7);
  REQUIRE(socket.view().type() == SOCK_DGRAM);
  REQUIRE_THROWS_AS(socket.remote_address(), std::system_error);
  co_return;
}

ASYNC_TEST("udp socket: a socket of another type is refused, a moved-from one throws", "[W-30]") {
  REQUIRE_THROWS_AS(UdpSocket(asyncio::os::make_socket(AF_INET, SOCK_STREAM)),
                    std::invalid_argument);
  UdpSocket first = bound();
  UdpSocket second = std::move(first);
  REQUIRE(first.fileno() == -1);
  REQUIRE_THROWS_AS(first.recvfrom(), std::system_error);
  REQUIRE(second.is_open());
  first = std::move(second);
  REQUIRE(first.is_open());
  co_return;
}

ASYNC_TEST("udp socket: the object may go while a call waits", "[U2]") {
  auto socket = std::make_unique<UdpSocket>(bound());
  auto receiving = asyncio::create_task(error_of(socket->recvfrom()));
  co_await turns(2);
  socket.reset();
  const int code = co_await receiving;
  REQUIRE(code == EBADF);
}

}  // namespace udp_socket_test

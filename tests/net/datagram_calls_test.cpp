#include <asyncio/net/datagram_calls.hpp>

#include "net_support.hpp"

#include <asyncio/net/socket.hpp>

#include <array>

namespace datagram_calls_test {

using namespace asyncio_test;
using asyncio::Datagram;
using asyncio::DatagramInfo;
using asyncio::Socket;

static_assert(asyncio::detail::Leaf<asyncio::detail::SendTo>);
static_assert(asyncio::detail::Leaf<asyncio::detail::RecvFromInto>);
static_assert(asyncio::detail::Leaf<asyncio::detail::RecvFrom>);
static_assert(asyncio::detail::Leaf<asyncio::detail::RecvWhole>);

namespace {

std::span<std::byte> bytes_of(std::array<char, 8>& buffer) {
  return std::as_writable_bytes(std::span(buffer));
}

}  // namespace

ASYNC_TEST("datagram calls: recvfrom_into gives the size, the sender and the truncation",
           "[SOK-02][N10]") {
  auto [a, b] = Socket::pair(SOCK_DGRAM);
  std::array<char, 8> buffer{};
  co_await a.send("hello");
  DatagramInfo got = co_await b.recvfrom_into(bytes_of(buffer));
  REQUIRE(std::string_view(buffer.data(), got.size) == "hello");
  REQUIRE_FALSE(got.truncated);
  co_await a.send("longer than that");
  got = co_await b.recvfrom_into(bytes_of(buffer));
  REQUIRE(std::string_view(buffer.data(), got.size) == "longer t");
  REQUIRE(got.truncated);
}

ASYNC_TEST("datagram calls: one kept from a cancelled call is cut to the next one's buffer",
           "[SOK-02][W-03]") {
  auto [a, b] = Socket::pair(SOCK_DGRAM);
  auto cancelled = asyncio::create_task(b.recvfrom(100));
  co_await turns(2);
  co_await a.send("longer than that");
  asyncio::get_running_loop().backend_interface().poll(std::chrono::nanoseconds(0));
  cancelled.cancel();
  co_await until([&] { return cancelled.done(); });
  REQUIRE(cancelled.cancelled());
  std::array<char, 8> buffer{};
  const DatagramInfo got = co_await b.recvfrom_into(bytes_of(buffer));
  REQUIRE(std::string_view(buffer.data(), got.size) == "longer t");
  REQUIRE(got.truncated);
}

ASYNC_TEST("datagram calls: a small datagram does not hold the room for a large one", "[SOK-02]") {
  auto [a, b] = Socket::pair(SOCK_DGRAM);
  co_await a.send("small");
  const Datagram datagram = co_await b.recvfrom(65536);
  REQUIRE(datagram.data == "small");
  REQUIRE(datagram.data.capacity() < 100);
}

}  // namespace datagram_calls_test

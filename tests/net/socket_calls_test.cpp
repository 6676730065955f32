#include <asyncio/net/socket_calls.hpp>

#include "net_support.hpp"

#include <asyncio/net/socket.hpp>

namespace socket_calls_test {

using namespace asyncio_test;
using asyncio::Socket;

// What the calls do is tested through Socket, in socket_test.cpp; here is what they look like.
static_assert(asyncio::detail::Leaf<asyncio::detail::RecvInto>);
static_assert(asyncio::detail::Leaf<asyncio::detail::Recv>);
static_assert(asyncio::detail::Leaf<asyncio::detail::Send>);
static_assert(asyncio::detail::Leaf<asyncio::detail::SendAll>);
static_assert(asyncio::detail::Leaf<asyncio::detail::SendTo>);
static_assert(asyncio::detail::Leaf<asyncio::detail::RecvFrom>);
static_assert(asyncio::detail::Leaf<asyncio::detail::AcceptFd>);
static_assert(asyncio::detail::Leaf<asyncio::detail::Connect>);

ASYNC_TEST("socket calls: a partial send is given, a cancelled send_all stops", "[SOK-03]") {
  auto [a, b] = Socket::pair();
  const std::string big(8 << 20, 'x');
  const std::size_t count = co_await a.send(big);
  REQUIRE(count > 0);
  REQUIRE(count < big.size());
  auto all = asyncio::create_task(a.send_all(big));
  co_await turns(2);
  all.cancel();
  co_await until([&] { return all.done(); });
  REQUIRE(all.cancelled());
  a.close();
  std::size_t received = 0;
  for (;;) {
    const std::string part = co_await b.recv(1 << 20);
    if (part.empty()) break;
    received += part.size();
  }
  REQUIRE(received < big.size());
}

ASYNC_TEST("socket calls: recv of nothing", "[SOK-01]") {
  auto [a, b] = Socket::pair();
  const std::string nothing = co_await b.recv(0);
  REQUIRE(nothing.empty());
  co_await a.send_all("");
  co_await a.send_all("x");
  const std::string byte = co_await b.recv(1);
  REQUIRE(byte == "x");
}

}  // namespace socket_calls_test

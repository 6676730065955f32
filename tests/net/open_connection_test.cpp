#include <asyncio/net/open_connection.hpp>

#include "net_support.hpp"

#include <asyncio/net/socket.hpp>

namespace open_connection_test {

using namespace asyncio_test;
using asyncio::Address;
using asyncio::AddressInfo;
using asyncio::OpenConnectionOptions;
using asyncio::Socket;
using asyncio::Streams;
using asyncio::detail::AddressLookup;
using asyncio::detail::interleave_addresses;

namespace {

Socket listener(std::string_view host = "127.0.0.1", std::uint16_t port = 0) {
  return Socket::listen(*Address::from_numeric(host, port));
}

/// A port at which nobody listens.
std::uint16_t closed_port() { return listener().local_address().port(); }

/// A listener whose queue is full: connecting to it hangs.
struct FullListener {
  explicit FullListener(std::string_view host)
      : socket(Socket::listen(*Address::from_numeric(host, 0), {.backlog = 0})) {
    const Address address = socket.local_address();
    for (int i = 0; i < 4; ++i) {
      clients.push_back(asyncio::os::make_socket(AF_INET, SOCK_STREAM));
      static_cast<void>(::connect(clients.back().get(), address.data(), address.size()));
    }
  }
  Socket socket;
  std::vector<asyncio::os::Fd> clients;
};

/// Lets "several.invalid" be a list of addresses, for a scope.
struct Several {
  explicit Several(std::vector<std::string> list) {
    hosts = std::move(list);
    AddressLookup::function = &lookup;
  }
  Several(const Several&) = delete;
  Several& operator=(const Several&) = delete;
  ~Several() { AddressLookup::function = &::getaddrinfo; }

  static int lookup(const char*, const char* service, const addrinfo* hints, addrinfo** found) {
    addrinfo** end = found;
    addrinfo numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST;
    for (const std::string& host : hosts) {
      const int error = ::getaddrinfo(host.c_str(), service, &numeric, end);
      if (error != 0) return error;
      while (*end) end = &(*end)->ai_next;
    }
    return 0;
  }
  static inline std::vector<std::string> hosts;
};

std::vector<AddressInfo> addresses(const std::vector<std::string>& hosts) {
  std::vector<AddressInfo> result;
  for (const std::string& host : hosts) {
    AddressInfo info;
    info.address = *Address::from_numeric(host, 1);
    info.family = info.address.family();
    result.push_back(info);
  }
  return result;
}

std::vector<std::string> hosts_of(const std::vector<AddressInfo>& list) {
  std::vector<std::string> result;
  for (const AddressInfo& info : list) result.push_back(info.address.host());
  return result;
}

}  // namespace

ASYNC_TEST("open_connection: two streams", "[STR-01][N6]") {
  Socket server = listener();
  auto [reader, writer] =
      co_await asyncio::open_connection("127.0.0.1", server.local_address().port());
  Socket peer = co_await server.accept();
  writer.write("hello");
  std::string text = co_await peer.recv(10);
  REQUIRE(text == "hello");
  co_await peer.send_all("line\n");
  text = co_await reader.readline();
  REQUIRE(text == "line\n");
  const auto socket = std::get<asyncio::SocketView>(writer.get_extra_info("socket"));
  REQUIRE(socket.getsockopt(IPPROTO_TCP, TCP_NODELAY) == 1);
}

ASYNC_TEST("open_connection: a refused port", "[CON-03][CON-04][STR-11]") {
  const std::uint16_t port = closed_port();
  const std::ptrdiff_t before = open_descriptors();
  const std::string text = co_await text_of(asyncio::open_connection("127.0.0.1", port));
  REQUIRE(text == "Connect call failed 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  REQUIRE(open_descriptors() == before);
}

ASYNC_TEST("open_connection: an unknown host", "[CON-01]") {
  std::error_code code;
  try {
    static_cast<void>(co_await asyncio::open_connection("unknown.invalid", 80));
  } catch (const std::system_error& error) {
    code = error.code();
  }
  REQUIRE(code.category() == asyncio::gai_category());
}

ASYNC_TEST("open_connection: the first address that answers wins", "[CON-03][CON-07]") {
  for (const bool staggered : {false, true}) {
    Socket server = listener("127.0.0.2");
    const std::uint16_t port = server.local_address().port();
    const Several several({"127.0.0.1", "127.0.0.2", "127.0.0.3"});
    OpenConnectionOptions options;
    if (!staggered) options.happy_eyeballs_delay = std::nullopt;
    const std::ptrdiff_t before = open_descriptors();
    auto streams = co_await asyncio::open_connection("several.invalid", port, options);
    const auto peer = std::get<Address>(streams.second.get_extra_info("peername"));
    REQUIRE(peer.host() == "127.0.0.2");
    REQUIRE(open_descriptors() == before + 1);
  }
}

ASYNC_TEST("open_connection: happy eyeballs pass by an address that hangs, losers are closed",
           "[CON-07][W-20][N8]") {
  const FullListener hangs("127.0.0.1");
  const std::uint16_t port = hangs.socket.local_address().port();
  const Socket server = listener("127.0.0.2", port);
  const Several several({"127.0.0.1", "127.0.0.2"});
  // The thread of the resolver may come and go; its descriptors do not count.
  static_cast<void>(co_await error_of(asyncio::open_connection("several.invalid", closed_port())));
  const std::ptrdiff_t before = open_descriptors();
  auto streams = co_await asyncio::open_connection(
      "several.invalid", port, {.happy_eyeballs_delay = std::chrono::milliseconds(10)});
  const auto peer = std::get<Address>(streams.second.get_extra_info("peername"));
  REQUIRE(peer.host() == "127.0.0.2");
  co_await until([&] { return open_descriptors() == before + 1; });
}

ASYNC_TEST("open_connection: cancelled, it closes every socket", "[CON-07][N7]") {
  const FullListener hangs("127.0.0.1");
  const std::uint16_t port = hangs.socket.local_address().port();
  const std::ptrdiff_t before = open_descriptors();
  auto opening = asyncio::create_task(asyncio::open_connection("127.0.0.1", port));
  co_await asyncio::sleep(5ms);
  REQUIRE_FALSE(opening.done());
  opening.cancel();
  co_await until([&] { return opening.done(); });
  REQUIRE(opening.cancelled());
  co_await until([&] { return open_descriptors() == before; });
}

ASYNC_TEST("open_connection: several errors", "[CON-04]") {
  const std::uint16_t port = closed_port();
  const Several several({"127.0.0.1", "127.0.0.2"});
  const std::string text = co_await text_of(asyncio::open_connection("several.invalid", port));
  const std::string number = std::to_string(port);
  REQUIRE(text == "Multiple exceptions: Connect call failed 127.0.0.1:" + number +
                      ": Connection refused, Connect call failed 127.0.0.2:" + number +
                      ": Connection refused");
  std::size_t members = 0;
  for (const bool staggered : {false, true}) {
    OpenConnectionOptions options{.all_errors = true};
    if (!staggered) options.happy_eyeballs_delay = std::nullopt;
    try {
      static_cast<void>(co_await asyncio::open_connection("several.invalid", port, options));
    } catch (const asyncio::ExceptionGroup& group) {
      REQUIRE(group.message() == "create_connection failed");
      members += group.exceptions().size();
    }
  }
  REQUIRE(members == 4);
  const Several twice({"127.0.0.1", "127.0.0.1"});
  const std::string same = co_await text_of(asyncio::open_connection("several.invalid", port));
  REQUIRE(same == "Connect call failed 127.0.0.1:" + number + ": Connection refused");
}

ASYNC_TEST("open_connection: local_addr", "[CON-06]") {
  Socket server = listener();
  const std::uint16_t port = server.local_address().port();
  auto streams =
      co_await asyncio::open_connection("127.0.0.1", port, {.local_addr = {"127.0.0.7"}});
  const auto own = std::get<Address>(streams.second.get_extra_info("sockname"));
  REQUIRE(own.host() == "127.0.0.7");
  const std::string mismatch =
      co_await text_of(asyncio::open_connection("127.0.0.1", port, {.local_addr = {"::1"}}));
  REQUIRE(mismatch.starts_with("no matching local address with the family of the peer"));
  const std::string foreign =
      co_await text_of(asyncio::open_connection("127.0.0.1", port, {.local_addr = {"192.0.2.1"}}));
  REQUIRE(foreign == "bind to 192.0.2.1:0: Cannot assign requested address");
}

ASYNC_TEST("open_connection: a limit of zero is refused", "[SRD-01]") {
  const std::string text = co_await text_of(asyncio::open_connection("127.0.0.1", 1, {.limit = 0}));
  REQUIRE(text == "Limit cannot be <= 0");
}

TEST_CASE("open_connection: families take turns", "[CON-07]") {
  const std::vector<std::string> mixed{"::1", "::2", "::3", "::4", "10.0.0.1", "10.0.0.2"};
  REQUIRE(hosts_of(interleave_addresses(addresses(mixed), 1)) ==
          std::vector<std::string>{"::1", "10.0.0.1", "::2", "10.0.0.2", "::3", "::4"});
  REQUIRE(hosts_of(interleave_addresses(addresses(mixed), 2)) ==
          std::vector<std::string>{"::1", "::2", "10.0.0.1", "::3", "10.0.0.2", "::4"});
  REQUIRE(hosts_of(interleave_addresses(addresses({"::1"}), 4)) == std::vector<std::string>{"::1"});
  REQUIRE(interleave_addresses({}, 1).empty());
}

ASYNC_TEST("open_connection: on a socket that is connected", "[STR-01]") {
  auto [near, far] = Socket::pair();
  auto [reader, writer] = co_await asyncio::open_connection(std::move(near), {.limit = 4});
  co_await far.send_all("hello\n");
  const std::string how = co_await text_of(reader.readline());
  REQUIRE(how.find("limit") != std::string::npos);
  writer.write("answer");
  writer.close();
  const std::string answer = co_await far.recv(100);
  REQUIRE(answer == "answer");
}

ASYNC_TEST("open_connection: a datagram socket is refused", "[STR-01]") {
  const std::string how = co_await text_of(asyncio::open_connection(Socket(AF_INET, SOCK_DGRAM)));
  REQUIRE(how == "A Stream Socket was expected");
}

ASYNC_TEST("open_connection: what a cancelled recv() received comes first", "[STR-01]") {
  for (int round = 0; round < 20; ++round) {
    auto [near, far] = Socket::pair();
    auto receiving = asyncio::create_task([&near]() -> Task<std::string> {
      std::string text = co_await near.recv(2);
      co_return text;
    });
    co_await turns(1);
    co_await far.send_all("hello");
    co_await turns(round % 3);
    receiving.cancel();
    auto outcome = co_await asyncio::as_outcome(receiving);
    std::string text = outcome.has_value() ? outcome.value() : "";
    auto streams = co_await asyncio::open_connection(std::move(near));
    far.close();
    text += co_await streams.first.read();
    REQUIRE(text == "hello");
  }
}

}  // namespace open_connection_test

#include <asyncio/os/socket.hpp>

#include <support/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace socket_test {

namespace os = asyncio::os;
using os::Address;

TEST_CASE("socket: does not block and is not inherited", "[os][socket]") {
  const os::Fd fd = os::make_socket(AF_INET, SOCK_STREAM);
  REQUIRE((::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  REQUIRE((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  auto [first, second] = os::socket_pair();
  REQUIRE((::fcntl(first.get(), F_GETFL) & O_NONBLOCK) != 0);
  REQUIRE((::fcntl(second.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("socket: addresses of both ends", "[os][socket]") {
  const os::Fd listener = os::make_socket(AF_INET, SOCK_STREAM);
  os::set_reuse_address(listener.get());
  os::bind(listener.get(), *Address::from_numeric("127.0.0.1", 0));
  os::listen(listener.get(), 5);
  const Address address = os::local_address(listener.get());
  REQUIRE(address.port() != 0);
  const os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
  REQUIRE(os::peer_address(client.get()) == address);
}

TEST_CASE("socket: options", "[os][socket]") {
  const os::Fd fd = os::make_socket(AF_INET6, SOCK_STREAM);
  os::set_reuse_address(fd.get());
  os::set_reuse_port(fd.get());
  os::set_no_delay(fd.get());
  os::set_keep_alive(fd.get());
  os::set_v6_only(fd.get());
  REQUIRE(os::get_option(fd.get(), SOL_SOCKET, SO_REUSEADDR) != 0);
  REQUIRE(os::get_option(fd.get(), SOL_SOCKET, SO_REUSEPORT) != 0);
  REQUIRE(os::get_option(fd.get(), IPPROTO_TCP, TCP_NODELAY) != 0);
  REQUIRE(os::get_option(fd.get(), SOL_SOCKET, SO_KEEPALIVE) != 0);
  REQUIRE(os::get_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) != 0);
  REQUIRE(os::socket_error(fd.get()) == 0);
}

TEST_CASE("socket: shutdown_write sends the end of the stream", "[os][socket]") {
  auto [first, second] = os::socket_pair();
  os::shutdown_write(first.get());
  char byte;
  REQUIRE(::read(second.get(), &byte, 1) == 0);
  os::shutdown_write(os::make_socket(AF_INET, SOCK_STREAM).get());  // not connected: no error
}

TEST_CASE("socket: failures name the call and the address", "[os][socket]") {
  const auto message_of = [](auto call) -> std::string {
    try {
      call();
    } catch (const std::system_error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const os::Fd fd = os::make_socket(AF_INET, SOCK_STREAM);
  const Address elsewhere = *Address::from_numeric("192.0.2.1", 80);
  REQUIRE(message_of([&] { os::bind(fd.get(), elsewhere); }) ==
          "bind to 192.0.2.1:80: Cannot assign requested address");
  REQUIRE(message_of([] { os::listen(-1, 1); }) == "listen: Bad file descriptor");
  REQUIRE(message_of([] { static_cast<void>(os::make_socket(-1, SOCK_STREAM)); }) ==
          "socket: Address family not supported by protocol");
  REQUIRE(message_of([] { static_cast<void>(os::socket_pair(-1)); }).substr(0, 10) == "socketpair");
  REQUIRE(message_of([] { static_cast<void>(os::local_address(-1)); }) ==
          "getsockname: Bad file descriptor");
  REQUIRE(message_of([&] { static_cast<void>(os::peer_address(fd.get())); }) ==
          "getpeername: Transport endpoint is not connected");
  REQUIRE(message_of([] { os::set_no_delay(-1); }) == "setsockopt: Bad file descriptor");
  REQUIRE(message_of([] { static_cast<void>(os::socket_error(-1)); }) ==
          "getsockopt: Bad file descriptor");
  REQUIRE(message_of([] { os::shutdown_write(-1); }) == "shutdown: Bad file descriptor");
}

}  // namespace socket_test

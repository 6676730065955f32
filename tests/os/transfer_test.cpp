#include <asyncio/os/transfer.hpp>

#include <asyncio/os/socket.hpp>
#include <string>
#include <support/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>

namespace transfer_test {

namespace os = asyncio::os;

TEST_CASE("transfer: bytes, or EAGAIN instead of waiting", "[os][transfer]") {
  auto [ours, theirs] = os::socket_pair();
  char buffer[8];
  REQUIRE(os::try_recv(ours.get(), buffer, sizeof buffer, 0) == -EAGAIN);
  REQUIRE(os::try_send(theirs.get(), "abc", 3, 0) == 3);
  REQUIRE(os::try_recv(ours.get(), buffer, sizeof buffer, 0) == 3);
  theirs.reset();
  REQUIRE(os::try_recv(ours.get(), buffer, sizeof buffer, 0) == 0);
  REQUIRE(os::try_send(ours.get(), "abc", 3, 0) == -EPIPE);  // and no SIGPIPE
}

TEST_CASE("transfer: socket calls do not wait on a blocking socket either", "[os][transfer]") {
  auto [ours, theirs] = os::socket_pair();
  REQUIRE(::fcntl(ours.get(), F_SETFL, 0) == 0);
  char buffer[8];
  msghdr message{};
  REQUIRE(os::try_recv(ours.get(), buffer, sizeof buffer, 0) == -EAGAIN);
  REQUIRE(os::try_recvmsg(ours.get(), &message, 0) == -EAGAIN);
}

TEST_CASE("transfer: read and write at the current position or at an offset", "[os][transfer]") {
  const os::Fd file(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(os::try_write(file.get(), "hello", 5, ~0ull) == 5);
  REQUIRE(os::try_write(file.get(), "J", 1, 0) == 1);
  char buffer[8];
  REQUIRE(os::try_read(file.get(), buffer, sizeof buffer, ~0ull) == 0);
  REQUIRE(os::try_read(file.get(), buffer, sizeof buffer, 0) == 5);
  REQUIRE(std::string(buffer, 5) == "Jello");
  REQUIRE(os::try_read(-1, buffer, 1, 0) == -EBADF);
}

TEST_CASE("transfer: connect, accept, and asking again", "[os][transfer]") {
  const os::Fd listener = os::make_socket(AF_INET, SOCK_STREAM);
  os::bind(listener.get(), *os::Address::from_numeric("127.0.0.1", 0));
  REQUIRE(os::try_accept(listener.get(), nullptr, nullptr) == -EINVAL);  // does not listen yet
  os::listen(listener.get(), 5);
  REQUIRE(os::try_accept(listener.get(), nullptr, nullptr) == -EAGAIN);
  const os::Address address = os::local_address(listener.get());
  const os::Fd client = os::make_socket(AF_INET, SOCK_STREAM);
  int result = os::try_connect(client.get(), address.data(), address.size());
  while (result == -EAGAIN) {
    pollfd entry{client.get(), POLLOUT, 0};
    REQUIRE(::poll(&entry, 1, 5000) == 1);
    result = os::try_connect(client.get(), address.data(), address.size());
  }
  REQUIRE(result == 0);
  REQUIRE(os::try_connect(client.get(), address.data(), address.size()) == 0);  // EISCONN
  os::Address peer;
  socklen_t size = os::Address::capacity();
  const os::Fd server(os::try_accept(listener.get(), peer.storage(), &size));
  peer.resize(size);
  REQUIRE(peer == os::local_address(client.get()));
}

TEST_CASE("transfer: poll", "[os][transfer]") {
  auto [ours, theirs] = os::socket_pair();
  REQUIRE(os::try_poll(ours.get(), POLLIN) == -EAGAIN);
  REQUIRE(os::try_poll(ours.get(), POLLOUT) == POLLOUT);
  REQUIRE(os::try_poll(1000, POLLIN) == -EBADF);
  theirs.reset();
  REQUIRE((os::try_poll(ours.get(), POLLIN) & POLLHUP) != 0);
}

}  // namespace transfer_test

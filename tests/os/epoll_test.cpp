#include <asyncio/os/epoll.hpp>

#include <array>
#include <asyncio/os/eventfd.hpp>
#include <support/catch.hpp>

#include <fcntl.h>

namespace epoll_test {

using asyncio::os::Epoll;
using asyncio::os::EventFd;
using namespace std::chrono_literals;

TEST_CASE("epoll: reports what is ready, with its data", "[os]") {
  Epoll epoll;
  EventFd event;
  std::array<epoll_event, 4> events{};
  REQUIRE(epoll.add(event.fd(), EPOLLIN, 42) == 0);
  REQUIRE(epoll.wait(events, 0ns) == 0);
  event.signal();
  REQUIRE(epoll.wait(events, Epoll::Duration::max()) == 1);
  REQUIRE(std::uint64_t{events[0].data.u64} == 42);
  REQUIRE((events[0].events & EPOLLIN) != 0);
  REQUIRE(epoll.modify(event.fd(), EPOLLIN, 43) == 0);
  REQUIRE(epoll.wait(events, 0ns) == 1);
  REQUIRE(std::uint64_t{events[0].data.u64} == 43);
  REQUIRE(epoll.remove(event.fd()) == 0);
  REQUIRE(epoll.wait(events, 0ns) == 0);
}

TEST_CASE("epoll: failures are values", "[os]") {
  Epoll epoll;
  EventFd event;
  REQUIRE(epoll.modify(event.fd(), EPOLLIN, 0) == -ENOENT);
  REQUIRE(epoll.add(event.fd(), EPOLLIN, 0) == 0);
  REQUIRE(epoll.add(event.fd(), EPOLLIN, 0) == -EEXIST);
  REQUIRE(epoll.add(-1, EPOLLIN, 0) == -EBADF);
  const asyncio::os::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(epoll.add(null.get(), EPOLLIN, 0) == -EPERM);
  REQUIRE((::fcntl(epoll.fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("epoll: a timeout is never short", "[os]") {
  Epoll epoll;
  std::array<epoll_event, 1> events{};
  const auto start = std::chrono::steady_clock::now();
  int result = -EINTR;
  while (result == -EINTR) result = epoll.wait(events, 1500us);
  REQUIRE(result == 0);
  REQUIRE(std::chrono::steady_clock::now() - start >= 1500us);
  REQUIRE(epoll.wait(events, -1s) == 0);
}

}  // namespace epoll_test

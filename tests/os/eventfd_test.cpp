#include <asyncio/os/eventfd.hpp>

#include <support/catch.hpp>

#include <fcntl.h>
#include <poll.h>

namespace eventfd_test {

namespace {
bool is_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}
}  // namespace

TEST_CASE("eventfd: readable from signal to drain", "[os]") {
  asyncio::os::EventFd event;
  REQUIRE_FALSE(is_readable(event.fd()));
  event.signal();
  event.signal();
  REQUIRE(is_readable(event.fd()));
  event.drain();
  REQUIRE_FALSE(is_readable(event.fd()));
  event.drain();  // does not wait
  REQUIRE((::fcntl(event.fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("eventfd: signal keeps errno, also when the counter is full", "[os]") {
  asyncio::os::EventFd event;
  const std::uint64_t nearly_full = ~0ull - 1;
  REQUIRE(::write(event.fd(), &nearly_full, sizeof nearly_full) == sizeof nearly_full);
  errno = EDOM;
  event.signal();
  REQUIRE(errno == EDOM);
  REQUIRE(is_readable(event.fd()));
}

}  // namespace eventfd_test

#include <asyncio/os/fd.hpp>

#include <support/catch.hpp>
#include <utility>

#include <fcntl.h>

namespace fd_test {

using asyncio::os::Fd;

namespace {
int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
}  // namespace

TEST_CASE("fd: closes what it owns", "[os]") {
  const int number = open_null();
  {
    const Fd fd(number);
    REQUIRE(fd);
    REQUIRE(is_open(number));
  }
  REQUIRE_FALSE(is_open(number));
}

TEST_CASE("fd: moving hands it on", "[os]") {
  Fd first(open_null());
  const int number = first.get();
  Fd second(std::move(first));
  REQUIRE_FALSE(first);  // NOLINT(bugprone-use-after-move): a moved-from Fd is empty
  REQUIRE(second.get() == number);
  Fd third(open_null());
  const int replaced = third.get();
  third = std::move(second);
  REQUIRE_FALSE(is_open(replaced));
  REQUIRE(third.get() == number);
  REQUIRE(is_open(number));
}

TEST_CASE("fd: release gives it away", "[os]") {
  Fd fd(open_null());
  const int number = fd.release();
  REQUIRE_FALSE(fd);
  REQUIRE(is_open(number));
  asyncio::os::close_fd(number);
}

TEST_CASE("fd: reset closes the old one, and errno stays", "[os]") {
  Fd fd(open_null());
  const int number = fd.get();
  errno = EDOM;
  fd.reset();
  REQUIRE(errno == EDOM);
  REQUIRE_FALSE(is_open(number));
  errno = EDOM;
  asyncio::os::close_fd(-1);  // EBADF
  REQUIRE(errno == EDOM);
}

}  // namespace fd_test

#include <asyncio/os/file.hpp>

#include <support/catch.hpp>

#include <string>

namespace file_test {

using namespace asyncio::os;

namespace {

/// A file without a name.
struct Unnamed {
  int fd = ::open("/tmp", O_TMPFILE | O_RDWR, 0600);
  ~Unnamed() { ::close(fd); }
};

}  // namespace

TEST_CASE("file calls: open gives a descriptor that is not inherited, or -errno") {
  const int fd = open_file("/dev/null", O_RDONLY, 0);
  REQUIRE(fd >= 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(close_file(fd) == 0);
  CHECK(close_file(fd) == -EBADF);
  CHECK(open_file("/nonexistent/file", O_RDONLY, 0) == -ENOENT);
}

TEST_CASE("file calls: reads and writes at an offset, or would wait") {
  Unnamed file;
  REQUIRE(file.fd >= 0);
  const int written = try_write_file(file.fd, "text", 4, 6);
  CHECK((written == 4 || written == -EAGAIN));
  if (written < 0) CHECK(::pwrite(file.fd, "text", 4, 6) == 4);
  char buffer[16];
  const int count = try_read_file(file.fd, buffer, sizeof buffer, 6);
  CHECK((count == 4 || count == -EAGAIN));
  if (count == 4) CHECK(std::string(buffer, 4) == "text");
  CHECK(try_read_file(-1, buffer, 1, 0) == -EBADF);
}

TEST_CASE("file calls: a full device") {
  const int fd = open_file("/dev/full", O_WRONLY, 0);
  CHECK((try_write_file(fd, "x", 1, 0) == -ENOSPC || try_write_file(fd, "x", 1, 0) == -EAGAIN));
  close_file(fd);
}

TEST_CASE("file calls: size, sync and position") {
  Unnamed file;
  CHECK(truncate_file(file.fd, 5'000'000'000) == 0);
  struct statx status{};
  CHECK(stat_file(file.fd, &status) == 0);
  CHECK(status.stx_size == 5'000'000'000);
  CHECK(sync_file(file.fd, 0) == 0);
  CHECK(sync_file(file.fd, 1) == 0);
  CHECK(file_position(file.fd) == 0);
  CHECK(file_end(file.fd) == 5'000'000'000);
  CHECK(file_position(file.fd) == 5'000'000'000);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  CHECK(file_position(ends[0]) == -ESPIPE);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace file_test

#include <asyncio/fs/file_status.hpp>

#include <support/catch.hpp>

namespace file_status_test {

using asyncio::FileStatus;

TEST_CASE("file status: says what statx(2) says") {
  struct statx raw{};
  raw.stx_mode = S_IFREG | 0644;
  raw.stx_size = 5'000'000'000;
  raw.stx_blocks = 8;
  raw.stx_mtime.tv_sec = 10;
  raw.stx_mtime.tv_nsec = 5;
  raw.stx_ino = 42;
  const FileStatus status(raw);
  CHECK(status.size() == 5'000'000'000);
  CHECK(status.allocated() == 4096);
  CHECK(status.is_regular_file());
  CHECK_FALSE(status.is_directory());
  CHECK(status.permissions() == 0644);
  CHECK(status.mode() == (S_IFREG | 0644));
  CHECK(status.modified().time_since_epoch() == std::chrono::nanoseconds(10'000'000'005));
  CHECK(status.raw().stx_ino == 42);
}

}  // namespace file_status_test

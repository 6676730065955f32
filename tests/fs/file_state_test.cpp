#include <asyncio/fs/file_state.hpp>

#include <fs/temporary.hpp>

#include <unistd.h>

namespace file_state_test {

using namespace asyncio;
using namespace asyncio_test;
using detail::FileState;

namespace {

detail::Ref<FileState> state_of(int fd, int flags = 0) {
  return detail::Ref<FileState>(new FileState(os::Fd(fd), "a path", flags));
}

ASYNC_TEST("file state: bytes read ahead are taken in order, and the position follows") {
  const TemporaryFolder folder;
  auto file = state_of(os::open_file(folder.make("f", "abcdefgh").c_str(), O_RDONLY, 0));
  const std::size_t first = co_await file->read_ahead(3);
  const std::size_t second = co_await file->read_ahead(2);
  CHECK(first + second == 5);
  CHECK(file->position == 0);
  CHECK(file->ahead() == "abcde");
  CHECK(file->take(2) == "ab");
  char bytes[2];
  CHECK(file->take_into(bytes, 2) == 2);
  CHECK(file->position == 4);
  CHECK(file->ahead() == "e");
  file->forget_ahead();
  CHECK(file->ahead().empty());
  const std::size_t again = co_await file->read_ahead(1);
  CHECK(again == 1);
  CHECK(file->ahead() == "e");
}

ASYNC_TEST("file state: what is read ahead of a pipe is not forgotten") {
  int ends[2];
  CHECK(::pipe(ends) == 0);
  const os::Fd writer(ends[1]);
  CHECK(::write(ends[1], "abc", 3) == 3);
  auto file = state_of(ends[0]);
  CHECK_FALSE(file->is_seekable());
  const std::size_t count = co_await file->read_ahead(10);
  CHECK(count == 3);
  file->forget_ahead();
  CHECK(file->ahead() == "abc");
}

ASYNC_TEST("file state: forgetting waits for the end of a turn") {
  const TemporaryFolder folder;
  auto file = state_of(os::open_file(folder.make("f", "abcdefgh").c_str(), O_RDONLY, 0));
  {
    const FileState::Turn turn(*file);
    CHECK_THROWS_AS(FileState::Turn(*file), RuntimeError);
    static_cast<void>(co_await file->read_ahead(3));
    file->forget_ahead();
    CHECK(file->ahead() == "abc");
  }
  CHECK(file->ahead().empty());
}

ASYNC_TEST("file state: counts the calls under way") {
  auto file = state_of(os::open_file("/dev/null", O_RDONLY, 0));
  CHECK_FALSE(file->is_in_use());
  {
    const FileState::InUse in_use(*file);
    CHECK(file->is_in_use());
  }
  CHECK_FALSE(file->is_in_use());
  file->fd.close();
  CHECK_THROWS_AS(file->perform([](detail::Operation&) {}), std::system_error);
  co_return;
}

}  // namespace

}  // namespace file_state_test

#include <asyncio/backend/file_operations.hpp>

#include "each_backend.hpp"

#include <array>
#include <string>
#include <vector>

namespace file_operations_test {

using namespace asyncio::detail;
using namespace asyncio_test;

namespace {

/// A folder that goes away.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "asyncio-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

int open_on(Backend& backend, const std::string& path, int flags) {
  Op op;
  prepare_open(op, path.c_str(), flags, 0600);
  CHECK_FALSE(backend.attempt(op));
  backend.submit(op);
  return result_of(backend, op);
}

int run_on(Backend& backend, Op& op) {
  if (!backend.attempt(op)) {
    backend.submit(op);
    return result_of(backend, op);
  }
  return op.result;
}

}  // namespace

TEST_CASE("file operations: open, write, read, sync, stat and close", "[backend][U20]") {
  for (const Kind kind : kinds()) {
    INFO(name_of(kind));
    const auto backend = make(kind);
    if (!backend) continue;
    const Folder folder;
    const std::size_t before = open_descriptors();
    const int fd = open_on(*backend, folder.path / "f", O_RDWR | O_CREAT);
    REQUIRE(fd >= 0);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    Op write;
    prepare_write_file(write, fd, "some text", 9, 5'000'000'000);
    CHECK(run_on(*backend, write) == 9);
    std::array<char, 16> buffer{};
    Op read;
    prepare_read_file(read, fd, buffer.data(), buffer.size(), 5'000'000'005);
    CHECK(run_on(*backend, read) == 4);
    CHECK(std::string(buffer.data()) == "text");
    Op sync;
    prepare_fsync(sync, fd, 0);
    CHECK(run_on(*backend, sync) == 0);
    struct statx status{};
    Op stat;
    prepare_stat(stat, fd, &status);
    CHECK(run_on(*backend, stat) == 0);
    CHECK(status.stx_size == 5'000'000'009);
    Op close;
    prepare_close(close, fd);
    CHECK(run_on(*backend, close) == 0);
    CHECK(open_descriptors() == before);
    CHECK(backend->in_flight() == 0);
  }
}

TEST_CASE("file operations: errors are results", "[backend][U20]") {
  for (const Kind kind : kinds()) {
    INFO(name_of(kind));
    const auto backend = make(kind);
    if (!backend) continue;
    CHECK(open_on(*backend, "/nonexistent/file", O_RDONLY) == -ENOENT);
    const int fd = open_on(*backend, "/dev/full", O_WRONLY);
    Op write;
    prepare_write_file(write, fd, "x", 1, 0);
    CHECK(run_on(*backend, write) == -ENOSPC);
    Op read;
    char byte;
    prepare_read_file(read, fd, &byte, 1, 0);
    CHECK(run_on(*backend, read) == -EBADF);
    backend->close(fd);
  }
}

TEST_CASE("file operations: a cancelled open has its effect, or none", "[backend][U20]") {
  for (const Kind kind : kinds()) {
    INFO(name_of(kind));
    const auto backend = make(kind);
    if (!backend) continue;
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 20; ++i) {
      Op op;
      prepare_open(op, "/dev/null", O_RDONLY, 0);
      backend->submit(op);
      if (i % 2) backend->poll(0ms);
      if (op.completions == 0) backend->cancel(op);
      const int result = result_of(*backend, op);
      CHECK((result >= 0 || result == -ECANCELED));
      if (result >= 0) os::close_fd(result);
    }
    for (int i = 0; i < 20; ++i) {
      Op op;
      prepare_open(op, "/dev/null", O_RDONLY, 0);
      backend->submit(op);
      if (i % 2) backend->poll(0ms);
      if (op.completions == 0)
        backend->cancel_sync(op);
      else if (op.result >= 0)
        os::close_fd(op.result);
    }
    CHECK(backend->in_flight() == 0);
    CHECK(open_descriptors() == before);
  }
}

TEST_CASE("file operations: close ends what is in flight, and frees the number once",
          "[backend][U20]") {
  for (const Kind kind : kinds()) {
    INFO(name_of(kind));
    const auto backend = make(kind);
    if (!backend) continue;
    const Folder folder;
    const std::size_t before = open_descriptors();
    const int fd = open_on(*backend, folder.path / "f", O_RDWR | O_CREAT);
    const std::string bytes(1'000'000, 'x');
    std::vector<Op> writes(12);
    for (Op& write : writes) {
      prepare_write_file(write, fd, bytes.data(), bytes.size(), 0);
      backend->submit(write);
    }
    backend->close(fd);
    Op late;
    prepare_fsync(late, fd, 0);
    backend->submit(late);
    CHECK(drive(*backend, [&] { return backend->in_flight() == 0; }));
    for (Op& write : writes) {
      CHECK(write.is_complete());
      CHECK((write.result == -ECANCELED || write.result > 0));
    }
    CHECK(late.result == -EBADF);
    CHECK(open_descriptors() == before);
  }
}

TEST_CASE("file operations: a backend that goes away waits for them", "[backend][U20]") {
  for (const Kind kind : kinds()) {
    INFO(name_of(kind));
    const Folder folder;
    const std::size_t before = open_descriptors();
    const std::string bytes(1'000'000, 'x');
    std::vector<Op> writes(8);
    Op open;
    {
      const auto backend = make(kind);
      if (!backend) continue;
      const int fd = open_on(*backend, folder.path / "f", O_RDWR | O_CREAT);
      for (Op& write : writes) {
        prepare_write_file(write, fd, bytes.data(), bytes.size(), 0);
        backend->submit(write);
      }
      prepare_open(open, "/dev/null", O_RDONLY, 0);
      backend->submit(open);
      backend->close(fd);
    }
    CHECK(open.completions == 0);
    CHECK(open_descriptors() <= before + 1);  // on io_uring the kernel closes a little later
  }
}

TEST_CASE("file operations: only open yields a descriptor, and works on a path", "[backend]") {
  CHECK(open_operation.yields_descriptor);
  CHECK(open_operation.on_path);
  CHECK(close_operation.is_final);
  for (const OperationType* type : {&read_file_operation, &write_file_operation, &fsync_operation,
                                    &stat_operation, &close_operation}) {
    CHECK_FALSE(type->yields_descriptor);
    CHECK_FALSE(type->on_path);
    CHECK(type->block != nullptr);
  }
}

}  // namespace file_operations_test

// How fast a file is read: file_read FILE [PIECE [TASKS]]. TASKS tasks read pieces of PIECE bytes, the first of them at the
// position 0, and so on, until the end; beside it, what pread(2) in a loop does. In the page cache after the first round.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

using asyncio::Task;
using clock_type = std::chrono::steady_clock;

struct Shared {
  asyncio::File file;
  std::size_t piece;
  std::uint64_t next = 0;   // the first byte that no task reads
  std::uint64_t total = 0;  // bytes read
};

Task<> read_pieces(Shared& shared) {
  std::size_t count = shared.piece;
  while (count == shared.piece) {
    const std::uint64_t offset = shared.next;
    shared.next += shared.piece;
    const std::string bytes = co_await shared.file.pread(shared.piece, offset);
    count = bytes.size();
    shared.total += count;
  }
}

Task<std::uint64_t> read_file(std::string path, std::size_t piece, std::size_t tasks) {
  asyncio::File file = co_await asyncio::File::open(path);
  Shared shared{std::move(file), piece};
  std::vector<Task<>> readers;
  for (std::size_t i = 0; i < tasks; ++i) readers.push_back(read_pieces(shared));
  co_await asyncio::gather(std::move(readers));
  co_return shared.total;
}

std::uint64_t read_plainly(const char* path, std::size_t piece) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  std::uint64_t total = 0;
  for (;;) {
    std::string bytes(piece, '\0');
    const ssize_t count = ::pread(fd, bytes.data(), piece, static_cast<off_t>(total));
    if (count <= 0) break;
    total += static_cast<std::uint64_t>(count);
  }
  ::close(fd);
  return total;
}

template <class Run>
void measure(const char* what, Run run) {
  run();  // into the cache
  const auto start = clock_type::now();
  const std::uint64_t bytes = run();
  const double seconds = std::chrono::duration<double>(clock_type::now() - start).count();
  fmt::print("{:10} {:8.0f} MB/s\n", what, static_cast<double>(bytes) / 1e6 / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: file_read FILE [PIECE [TASKS]]\n");
    return 2;
  }
  const std::size_t piece = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 64 * 1024;
  const std::size_t tasks = argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 4;
  measure("pread", [&] { return read_plainly(argv[1], piece); });
  for (const asyncio::Backend backend : {asyncio::Backend::io_uring, asyncio::Backend::epoll}) {
    measure(backend == asyncio::Backend::epoll ? "epoll" : "io_uring",
            [&] { return asyncio::run(read_file(argv[1], piece, tasks), {.backend = backend}); });
  }
}

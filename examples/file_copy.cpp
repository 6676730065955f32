// Copies a file, 64 KiB at a time: file_copy SOURCE TARGET. While one piece is written, the next is read.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <string>

asyncio::Task<std::uint64_t> copy(std::string source, std::string target) {
  asyncio::File in = co_await asyncio::File::open(source);
  asyncio::File out = co_await asyncio::File::open(target, "w");

  constexpr std::size_t piece = 64 * 1024;
  std::string bytes = co_await in.read(piece);
  while (!bytes.empty()) {
    // write() writes everything or throws; read() gives less than asked for only at the end.
    auto [none, next] = co_await asyncio::gather(out.write(bytes), in.read(piece));
    bytes = std::move(next);
  }
  const std::uint64_t size = out.tell();
  co_await out.fsync();
  co_await out.close();  // tells of errors that a destructor could not
  co_return size;
}

asyncio::Task<int> amain(std::string source, std::string target) {
  try {
    const std::uint64_t size = co_await copy(source, target);
    fmt::print("{} bytes\n", size);
    co_return 0;
  } catch (const std::system_error& error) {
    fmt::print(stderr, "{}\n", error.what());  // names the file
    co_return 1;
  }
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: file_copy SOURCE TARGET\n");
    return 2;
  }
  return asyncio::run_main(amain(argv[1], argv[2]));
}

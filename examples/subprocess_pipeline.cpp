// Two programs at work on a megabyte of text: gzip packs what we write, another one unpacks it
// again, both at the same time, and what comes out is compared with what went in.
#include <asyncio/asyncio.hpp>

#include <fmt/format.h>

#include <array>
#include <string>

using asyncio::PIPE;
using asyncio::Process;

/// Real data: numbers and their squares.
std::string make_text() {
  std::string text;
  for (unsigned i = 0; text.size() < 1'000'000; ++i) text += fmt::format("{} {}\n", i, i * i);
  return text;
}

asyncio::Task<> write(Process& program, const std::string& text) {
  co_await program.stdin_->write_all(text);
  program.stdin_->close();  // the program sees the end of its input
}

/// Hands on what one program prints to the other.
asyncio::Task<> connect(Process& from, Process& to) {
  std::array<std::byte, 16 * 1024> buffer;
  while (const std::size_t count = co_await from.stdout_->read_into(buffer)) {
    co_await to.stdin_->write_all(std::span(buffer).first(count));
  }
  to.stdin_->close();
}

asyncio::Task<> amain() {
  const std::string text = make_text();
  Process pack = co_await asyncio::create_subprocess_exec(asyncio::argv("gzip", "-9"),
                                                          {.stdin_ = PIPE, .stdout_ = PIPE});
  Process unpack = co_await asyncio::create_subprocess_exec(asyncio::argv("gzip", "-d"),
                                                            {.stdin_ = PIPE, .stdout_ = PIPE});
  auto writing = asyncio::create_task(write(pack, text));
  auto connecting = asyncio::create_task(connect(pack, unpack));
  const std::string result = co_await unpack.stdout_->read();
  co_await asyncio::gather(writing, connecting);

  const int packed = co_await pack.wait();
  const int unpacked = co_await unpack.wait();
  fmt::print("gzip ended with {}, gunzip with {}\n", packed, unpacked);
  fmt::print("{} bytes, the same: {}\n", result.size(), result == text);
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   gzip ended with 0, gunzip with 0
//   1000007 bytes, the same: true

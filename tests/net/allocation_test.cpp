// Guarantee 7: sending and receiving make no call to the global allocator in steady state.
#include <asyncio/net/start_server.hpp>

#include "net_support.hpp"

#include <asyncio/net/open_connection.hpp>

#include <cstdlib>
#include <new>

#if ASYNCIO_RECYCLES_FRAMES && !ASYNCIO_TEST_UNDER_TSAN  // sanitizers have operators of their own

namespace {
std::size_t allocations = 0;  // of this program; it has one thread while this file measures

void* counted_block(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!block) throw std::bad_alloc();
  return block;
}
}  // namespace

void* operator new(std::size_t size) { return counted_block(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_block(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

namespace allocation_test {

using namespace asyncio_test;
using asyncio::Socket;
using asyncio::StreamReader;
using asyncio::StreamWriter;

ASYNC_TEST("allocation: an echo over sockets allocates nothing", "[SOK-01]") {
  auto [a, b] = Socket::pair();
  bool stop = false;
  auto echo = [&]() -> Task<> {
    std::byte bytes[256];
    while (!stop) {
      const std::size_t count = co_await b.recv_into(bytes);
      co_await b.send_all(std::span(bytes).first(count));
    }
  };
  auto serving = asyncio::create_task(echo());
  std::size_t before = 0;
  std::byte bytes[256];
  for (int i = 0; i < 200; ++i) {
    if (i == 100) before = allocations;
    stop = i == 199;
    co_await a.send_all("a message that is longer than a small string");
    static_cast<void>(co_await a.recv_into(bytes));
  }
  const std::size_t during = allocations - before;
  co_await serving;
  REQUIRE(during == 0);
}

ASYNC_TEST("allocation: an echo over streams allocates nothing", "[SRD-03][SWR-02]") {
  auto echo = [](StreamReader reader, StreamWriter writer) -> Task<> {
    std::byte bytes[256];
    while (const std::size_t count = co_await reader.read_into(bytes)) {
      writer.write(std::span(bytes).first(count));
      co_await writer.drain();
    }
  };
  asyncio::Server server = co_await asyncio::start_server(echo, "127.0.0.1", 0);
  auto streams = co_await asyncio::open_connection("127.0.0.1", server.port());
  std::size_t before = 0;
  std::byte bytes[256];
  for (int i = 0; i < 300; ++i) {
    if (i == 200) before = allocations;
    streams.second.write("a message that is longer than a small string");
    co_await streams.second.drain();
    static_cast<void>(co_await streams.first.read_into(bytes));
  }
  const std::size_t during = allocations - before;
  REQUIRE(during == 0);
}

}  // namespace allocation_test

#endif

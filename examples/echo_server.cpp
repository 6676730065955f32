// Sends back whatever it gets: echo_server [port]. Ctrl-C ends it.
#include <asyncio/net/start_server.hpp>
#include <asyncio/core/run.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdlib>

asyncio::Task<> echo(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  std::array<std::byte, 16 * 1024> buffer;
  while (const std::size_t count = co_await reader.read_into(buffer)) {
    writer.write(std::span(buffer).first(count));
    co_await writer.drain();  // a peer that does not read stops us here
  }
}  // dropping reader and writer closes the connection

asyncio::Task<> amain(int port) {
  asyncio::Server server = co_await asyncio::start_server(echo, "127.0.0.1", port);
  fmt::print("listening on 127.0.0.1:{}\n", server.port());
  std::fflush(stdout);
  co_await server.serve_forever();
}

int main(int argc, char** argv) {
  return asyncio::run_main(amain(argc > 1 ? std::atoi(argv[1]) : 0));
}

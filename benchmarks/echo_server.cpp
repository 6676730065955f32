// What a server costs: an echo over Socket or over streams. echo_server MODE PORT BUFSIZE,
// with MODE socket or streams; any load generator may ask it.
#include <asyncio/asyncio.hpp>

#include <array>
#include <cstdlib>
#include <string_view>

namespace {

using asyncio::Task;

std::size_t buffer_size = 2048;

Task<> serve_socket(asyncio::Socket socket) {
  std::vector<std::byte> buffer(buffer_size);
  for (;;) {
    const std::size_t n = co_await socket.recv_into(buffer);
    if (n == 0) co_return;
    co_await socket.send_all(std::span(buffer).first(n));
  }
}

/// A reset connection ends its own handler and nothing else.
Task<> serve_socket_quietly(asyncio::Socket socket) {
  const auto outcome = co_await asyncio::as_outcome(serve_socket(std::move(socket)));
  if (outcome.cancelled()) throw asyncio::CancelledError();
}

Task<> accept_forever(std::uint16_t port) {
  const auto address = asyncio::Address::from_numeric("127.0.0.1", port);
  asyncio::Socket listener = asyncio::Socket::listen(*address);
  for (;;) {
    asyncio::Socket socket = co_await listener.accept();
    socket.set_no_delay();
    asyncio::create_task(serve_socket_quietly(std::move(socket)));
  }
}

Task<> serve_streams(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  std::vector<std::byte> buffer(buffer_size);
  for (;;) {
    const std::size_t n = co_await reader.read_into(buffer);
    if (n == 0) co_return;
    writer.write(std::span(buffer).first(n));
    co_await writer.drain();
  }
}

Task<> stream_server(std::uint16_t port) {
  // Thousands connect at once; Python's backlog of 100 would let them wait for retries.
  asyncio::Server server =
      co_await asyncio::start_server(serve_streams, "127.0.0.1", port, {.backlog = 4096});
  co_await server.serve_forever();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: echo_server socket|streams PORT BUFSIZE\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  buffer_size = static_cast<std::size_t>(std::atoi(argv[3]));
  if (std::string_view(argv[1]) == "socket") return asyncio::run_main(accept_forever(port));
  return asyncio::run_main(stream_server(port));
}

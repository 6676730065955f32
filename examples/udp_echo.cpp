// Sends every datagram back to where it came from: udp_echo [port]. Ctrl-C ends it.
#include <asyncio/core/run.hpp>
#include <asyncio/net/udp_socket.hpp>
#include <asyncio/tasks/sleep.hpp>

#include <fmt/format.h>

#include <cstdlib>

asyncio::Task<> amain(int port) {
  const auto local = asyncio::Address::from_numeric("127.0.0.1", static_cast<std::uint16_t>(port));
  asyncio::UdpSocket socket = asyncio::UdpSocket::bind(*local);
  fmt::print("listening on {}\n", socket.local_address().to_string());
  std::fflush(stdout);
  asyncio::DatagramBatch batch(32, asyncio::UdpSocket::max_size);
  for (;;) {
    co_await socket.recv_many(batch);  // what is there, up to 32 datagrams
    const std::size_t sent = co_await socket.send_many(batch);
    if (sent != batch.size()) fmt::print(stderr, "{} not sent\n", batch.size() - sent);
    co_await asyncio::sleep(std::chrono::seconds(0));  // a flood must not keep Ctrl-C out
  }
}

int main(int argc, char** argv) {
  return asyncio::run_main(amain(argc > 1 ? std::atoi(argv[1]) : 0));
}

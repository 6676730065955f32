// Sends its standard input to a server and prints what comes back: echo_client host port.
// A line at a time; the end of the input ends the conversation.
#include <asyncio/core/run.hpp>
#include <asyncio/net/open_connection.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <iostream>

asyncio::Task<> amain(std::string_view host, std::string_view port) {
  auto streams = co_await asyncio::open_connection(host, port);
  auto& [reader, writer] = streams;
  // Reading a terminal blocks the loop, which has nothing else to do here.
  for (std::string line; std::getline(std::cin, line);) {
    writer.write(line + "\n");
    co_await writer.drain();
    const std::string answer = co_await reader.readline();
    if (answer.empty()) throw std::runtime_error("the server has closed the connection");
    fmt::print("{}", answer);
  }
  co_await writer.aclose();
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: echo_client host port\n");
    return 2;
  }
  return asyncio::run_main(amain(argv[1], argv[2]));
}
